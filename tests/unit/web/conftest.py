"""A small service on the web frame, without a database."""

from datetime import timedelta
from typing import Any

import marshmallow as ma
import pytest
from flask import Blueprint, flash, jsonify, redirect, render_template_string
from sqlalchemy import create_engine

from shared.clock import utc_now
from shared.errors import Conflict, FieldError, Invalid, Unavailable
from shared.ids import new_id
from shared.web import Actor, ApiBlueprint, Check, ServiceWeb, allow, create_service_app, ndjson_lines, public
from shared.web.actor import sign
from shared.web.csrf import csrf_token

SECRET = "a secret key for tests, long enough"
PAGE = "{% extends 'layout.html' %}{% block content %}<p>" + "x" * 900 + "</p>{% endblock %}"
NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/none"


class ThingSchema(ma.Schema):
    name = ma.fields.String(required=True, validate=ma.validate.Length(max=20))
    age = ma.fields.Integer(validate=ma.validate.Range(min=0, max=120))
    needs = ma.fields.List(ma.fields.Nested({"code": ma.fields.String(required=True)}))


def things_api():
    api = ApiBlueprint("things", __name__, url_prefix="/things")

    @api.route("", methods=["POST"])
    @allow("focal_point")
    @api.arguments(ThingSchema)
    @api.response(201, ThingSchema)
    def create(data):
        """Make a thing"""
        return data

    @api.route("/<uuid:thing_id>")
    @allow("focal_point", "coordinator")
    def get(thing_id):
        return jsonify(id=thing_id)

    @api.route("/batch", methods=["POST"])
    @allow("service")
    def batch():
        lines = [[number, isinstance(value, ValueError)] for number, value in ndjson_lines(max_lines=3)]
        return jsonify(lines=lines)

    @api.route("/hook", methods=["POST"])
    @public
    def hook():
        return jsonify(ok=True)

    @api.route("/fails/<how>")
    @public
    def fails(how):
        raise {
            "conflict": Conflict("Hay datos por corregir.", code="wrong_step", extra={"allowed": ["accept"]}),
            "fields": Invalid(
                "Hay datos por corregir.", fields={"age": [FieldError("odd", "Elija un rol.")]}
            ),
            "away": Unavailable("Hay datos por corregir.", retry_after=7),
            "surrogate": UnicodeEncodeError("utf-8", "\ud800", 0, 1, "no"),
            "bug": RuntimeError("secret detail of a row"),
        }[how]

    return api


def thing_pages():
    pages = Blueprint("pages", __name__)

    @pages.get("/form")
    @allow("focal_point", "provider")
    def form():
        return csrf_token()

    @pages.post("/form")
    @allow("focal_point")
    def send():
        flash("Hecho.", "success")
        return redirect("/intake/page", 303)

    @pages.get("/open")
    @public
    def open_form():
        return csrf_token()

    @pages.post("/open")
    @public
    def send_open():
        return "sent"

    @pages.get("/page")
    @public
    def page():
        return render_template_string(PAGE)

    return pages


@pytest.fixture
def make_app():
    def make(**changes):
        values: dict[str, Any] = {
            "name": "intake",
            "secret_key": SECRET,
            "engine": create_engine(NOWHERE),
            "api_blueprints": (things_api(),),
            "page_blueprints": (thing_pages(),),
        }
        return create_service_app(ServiceWeb(**(values | changes)))

    return make


@pytest.fixture
def app(make_app):
    return make_app()


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def token():
    def make(role, *, use="api", lifetime=timedelta(hours=1), secret=SECRET, **rest):
        actor = Actor(account_id=new_id(), role=role, token_id=new_id(), use=use, **rest)
        return sign(actor, secret_key=secret, now=utc_now(), lifetime=lifetime)

    return make


@pytest.fixture
def bearer(token):
    return lambda role, **rest: {"Authorization": f"Bearer {token(role, **rest)}"}


@pytest.fixture
def failing_check():
    def fail():
        raise ConnectionError

    return lambda name, required: Check(name, fail, required=required)
