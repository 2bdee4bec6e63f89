"""Everything that runs the services: images, compose overlays, Kubernetes, and the embedded stack."""
