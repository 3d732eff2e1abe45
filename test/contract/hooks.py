"""Signs schemathesis in, and in again whenever its own calls have ended its session or deleted its account."""

import os
import uuid

import requests
import schemathesis

URL = os.environ["CONTRACT_URL"]
ROLE = os.environ["CONTRACT_ROLE"]
PASSWORD = os.environ["ADMIN_PASSWORD"]


def post(path, body, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    response = requests.post(URL + path, json=body, headers=headers, timeout=30)
    response.raise_for_status()
    return response.json()


def sign_in(email):
    return post("/auth/login", {"email": email, "password": PASSWORD})["access_token"]


def first_administrator():
    return sign_in(os.environ["ADMIN_EMAIL"])


FIRST_ADMINISTRATOR_ID = requests.get(
    f"{URL}/auth/me", headers={"Authorization": f"Bearer {first_administrator()}"}, timeout=30
).json()["sub"]


@schemathesis.auth().skip_for(path_regex="^/oauth/")
class Account:
    """An account of the role, which is a new one each time: the last one may be disabled or gone."""

    def get(self, case, context):
        email = f"{uuid.uuid4()}@example.com"
        body = {"email": email, "password": PASSWORD, "roles": [ROLE]}
        post("/users", body, first_administrator())
        return sign_in(email)

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.auth().apply_to(path_regex="^/oauth/")
class ServiceAccount:
    """The id and the secret of a service account."""

    def get(self, case, context):
        token = first_administrator()
        client = post("/clients", {"name": "Orders", "scopes": ["orders:read"]}, token)["id"]
        return client, post(f"/clients/{client}/secrets", {}, token)["secret"]

    def set(self, case, data, context):
        case.headers["Authorization"] = requests.auth._basic_auth_str(*data)


@schemathesis.hook
def filter_case(context, case):
    """Spares the administrator that makes the others."""
    return FIRST_ADMINISTRATOR_ID not in (case.path_parameters or {}).values()
