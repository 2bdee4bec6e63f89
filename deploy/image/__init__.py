"""What starts inside an image: web process, worker, migrations, health checks. SERVICE says whose image it is."""
