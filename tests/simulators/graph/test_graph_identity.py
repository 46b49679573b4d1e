"""Sign-in at the simulator of the Microsoft identity platform, as msal does it."""

import threading
import warnings
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from simulators.graph import CLIENT_ID, CLIENT_SECRET, TENANT
from simulators.graph.client import Api
from simulators.graph.scene import ADA, GRACE, ok
from simulators.graph.scene import scene as a_scene

msal = pytest.importorskip("msal", reason="sign-in is tested with msal, which is not installed")

EVE = "eve@outlook.example"
SCOPES = ["Calendars.ReadWrite", "User.Read"]


@pytest.fixture
def graph():
    for scene in a_scene():
        scene.graph.add_person(EVE, name="Eve", personal=True)
        scene.graph.consent.device_interval = 0
        yield scene.graph


def app(graph, tenant="common", cache=None, **more):
    """A desktop app; without `cache` it remembers nothing, neither tokens nor errors."""
    kind = msal.ConfidentialClientApplication if more else msal.PublicClientApplication
    return kind(
        CLIENT_ID,
        authority=graph.authority_for(tenant),
        http_client=graph.http_client(),
        instance_discovery=False,
        token_cache=cache,
        **more,
    )


def by_device(graph, tenant="common", cache=None, scopes=SCOPES):
    """The whole flow, with the person signing in at once."""
    graph.consent.device_polls = 0
    client = app(graph, tenant, cache)
    flow = client.initiate_device_flow(scopes=scopes)
    assert "user_code" in flow, flow
    return client.acquire_token_by_device_flow(flow)


def silently(graph, cache, tenant="common", scopes=SCOPES):
    client = app(graph, tenant, cache)
    (account,) = client.get_accounts()
    return client.acquire_token_silent_with_error(scopes, account, force_refresh=True)


def refused(answer):
    """error and number, whose shape is always the same."""
    assert answer["error_description"].startswith(f"AADSTS{answer['error_codes'][0]}: ")
    assert {"timestamp", "trace_id", "correlation_id"} <= set(answer)
    return answer["error"], answer["error_codes"][0]


# Discovery


def test_discovery_names_https_endpoints_and_happens_once_for_each_app(graph):
    client = app(graph, TENANT)
    assert client.authority.token_endpoint == f"https://login.simulated.example/{TENANT}/oauth2/v2.0/token"
    assert [each.path for each in graph.requests] == [f"/{TENANT}/v2.0/.well-known/openid-configuration"]
    with pytest.raises(ValueError, match="Unable to get authority configuration"):
        app(graph, "nowhere.example")


def test_instance_discovery_is_served_too(graph):
    client = msal.PublicClientApplication(CLIENT_ID, authority=graph.authority, http_client=graph.http_client())
    assert client.authority.tenant == "common"
    assert graph.requests[0].path == "/common/discovery/instance"
    with pytest.raises(ValueError, match="invalid_instance"):
        msal.PublicClientApplication(
            CLIENT_ID, authority="https://login.elsewhere.example/common", http_client=graph.http_client()
        )


def test_no_other_host_is_asked(graph):
    with pytest.raises(ConnectionError):
        graph.http_client().get("https://graph.microsoft.com/v1.0/me")


# Device code


def test_a_device_flow_gives_tokens_for_graph(graph):
    answer = by_device(graph, scopes=["Calendars.Read", "https://graph.microsoft.com/User.Read"])
    assert answer["id_token_claims"]["preferred_username"] == GRACE
    assert {"Calendars.Read", "https://graph.microsoft.com/User.Read"} <= set(answer["scope"].split())
    api = Api(graph.root, answer["access_token"])
    assert ok(api.get("/me"))["mail"] == GRACE
    ok(api.get("/me/events"))
    assert api.get("/me/mailboxSettings").status_code == 403


def test_a_device_flow_waits_until_the_code_is_entered(graph):
    client = app(graph)
    flow = client.initiate_device_flow(scopes=SCOPES)
    assert flow["user_code"] in flow["message"]
    once, flow["interval"] = {"exit_condition": lambda _flow: True}, 1
    assert refused(client.acquire_token_by_device_flow(flow, **once)) == ("authorization_pending", 70016)
    graph.consent.device_interval = 5
    assert refused(client.acquire_token_by_device_flow(flow, **once)) == ("slow_down", 70037)
    graph.consent.device_interval = flow["interval"] = 0
    graph.enter_code(flow["user_code"].lower(), ADA)
    assert client.acquire_token_by_device_flow(flow)["id_token_claims"]["preferred_username"] == ADA
    assert refused(client.acquire_token_by_device_flow(flow)) == ("bad_verification_code", 70018)
    with pytest.raises(ValueError):
        graph.enter_code(flow["user_code"])


def test_a_device_flow_is_slowed_down_and_goes_on(graph):
    graph.consent.slow_down, graph.consent.device_polls = 1, 2
    client = app(graph)
    flow = client.initiate_device_flow(scopes=SCOPES)
    flow["interval"] = -5  # msal adds five when it is told to slow down
    assert "access_token" in client.acquire_token_by_device_flow(flow)
    answers = [each.response.get("error") for each in graph.requests if each.path.endswith("/token")]
    assert answers == ["slow_down", "authorization_pending", None]


def test_a_device_flow_is_declined_or_expires(graph):
    client = app(graph)
    flow = client.initiate_device_flow(scopes=SCOPES)
    graph.enter_code(flow["user_code"], deny=True)
    assert refused(client.acquire_token_by_device_flow(flow)) == ("authorization_declined", 70019)
    flow = client.initiate_device_flow(scopes=SCOPES)
    graph.now += timedelta(minutes=16)
    assert refused(client.acquire_token_by_device_flow(flow)) == ("expired_token", 70020)


def test_a_device_flow_needs_a_scope_and_a_known_app(graph):
    assert refused(app(graph).initiate_device_flow(scopes=["Nonsense.Read"])) == ("invalid_scope", 70011)
    assert graph.violations
    other = msal.PublicClientApplication(
        "other", authority=graph.authority, http_client=graph.http_client(), instance_discovery=False
    )
    assert refused(other.initiate_device_flow(scopes=SCOPES)) == ("unauthorized_client", 700016)


@pytest.mark.parametrize(
    ("tenant", "person", "welcome"),
    [
        ("common", GRACE, True),
        ("common", EVE, True),
        ("organizations", GRACE, True),
        ("organizations", EVE, False),
        ("consumers", GRACE, False),
        ("consumers", EVE, True),
        (TENANT, GRACE, True),
        (TENANT, EVE, False),
    ],
)
def test_accounts_sign_in_where_they_belong(graph, tenant, person, welcome):
    graph.consent.person = person
    answer = by_device(graph, tenant)
    assert ("access_token" in answer) == welcome
    if not welcome:
        assert refused(answer) == ("invalid_request", 50020)


def test_apps_for_personal_accounts_need_consumers(graph):
    graph.consent.audience, graph.consent.person = "personal", EVE
    assert refused(app(graph).initiate_device_flow(scopes=SCOPES)) == ("invalid_request", 9002346)
    assert "access_token" in by_device(graph, "consumers")
    graph.consent.audience = "work"
    assert refused(app(graph, "consumers").initiate_device_flow(scopes=SCOPES)) == ("unauthorized_client", 9002331)
    assert refused(by_device(graph)) == ("invalid_request", 50020)


def test_an_administrator_must_consent(graph):
    graph.consent.admin_required = True
    assert refused(by_device(graph)) == ("invalid_grant", 65001)


# Authorization code


def test_an_interactive_sign_in_posts_the_code_to_the_app(graph, monkeypatch):
    opened = []

    def browser(address):
        opened.append(address)
        threading.Thread(target=graph.browse, args=(address,)).start()
        return True

    monkeypatch.setattr("webbrowser.open", browser)
    answer = app(graph).acquire_token_interactive(SCOPES, timeout=10, login_hint=ADA)
    assert answer["id_token_claims"]["preferred_username"] == ADA
    query = parse_qs(urlsplit(opened[0]).query)
    assert (query["response_mode"], query["code_challenge_method"]) == (["form_post"], ["S256"])
    assert ok(Api(graph.root, answer["access_token"]).get("/me"))["mail"] == ADA
    assert graph.violations == []


def begun(client, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return client.initiate_auth_code_flow(SCOPES, redirect_uri="http://localhost:1", **more)


def redirected(graph, flow):
    """Where the browser is sent, without going there."""
    parts = urlsplit(flow["auth_uri"])
    reply = graph.http_client().get(f"https://login.simulated.example{parts.path}?{parts.query}")
    if reply.status_code != 302:
        return reply.json()
    return {name: values[0] for name, values in parse_qs(urlsplit(reply.headers["location"]).query).items()}


def test_a_code_is_good_once_and_with_its_verifier(graph):
    client = app(graph)
    flow = begun(client)
    back = redirected(graph, flow)
    assert "access_token" in client.acquire_token_by_auth_code_flow(flow, back)
    assert refused(app(graph).acquire_token_by_auth_code_flow(flow, back)) == ("invalid_grant", 54005)
    flow = begun(client)
    back = redirected(graph, flow)
    stolen = {**flow, "code_verifier": "x" * 43}
    assert refused(client.acquire_token_by_auth_code_flow(stolen, back)) == ("invalid_grant", 501481)
    assert graph.violations


def test_consent_is_denied_or_not_the_persons_to_give(graph):
    graph.consent.deny = True
    answer = redirected(graph, begun(app(graph)))
    assert (answer["error"], answer["error_description"][:12]) == ("access_denied", "AADSTS65004:")
    graph.consent.deny, graph.consent.admin_required = False, True
    answer = redirected(graph, begun(app(graph)))
    assert (answer["error"], answer["error_description"][:12]) == ("consent_required", "AADSTS90094:")


def test_only_localhost_is_registered(graph):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        flow = app(graph).initiate_auth_code_flow(SCOPES, redirect_uri="http://127.0.0.1:8400")
    assert refused(redirected(graph, flow)) == ("invalid_request", 50011)
    flow = begun(app(graph))
    flow["auth_uri"] = flow["auth_uri"].replace("code_challenge_method=S256", "code_challenge_method=plain")
    assert refused(redirected(graph, flow)) == ("invalid_request", 900144)
    assert len(graph.violations) == 2


# Refresh tokens


def test_refresh_tokens_rotate_on_use_and_are_good_once(graph):
    cache = msal.SerializableTokenCache()
    by_device(graph, cache=cache)
    before = cache.serialize()
    answer = silently(graph, cache)
    assert ok(Api(graph.root, answer["access_token"]).get("/me"))["mail"] == GRACE
    assert cache.has_state_changed
    assert "access_token" in silently(graph, cache)
    lost = msal.SerializableTokenCache()
    lost.deserialize(before)
    assert refused(silently(graph, lost)) == ("invalid_grant", 70008)


def test_refresh_tokens_end_after_ninety_days(graph):
    cache = msal.SerializableTokenCache()
    by_device(graph, cache=cache)
    graph.now += timedelta(days=89)
    assert "access_token" in silently(graph, cache)
    graph.now += timedelta(days=91)
    assert refused(silently(graph, cache)) == ("invalid_grant", 70008)


def test_access_tokens_live_on_the_simulators_clock(graph):
    answer = by_device(graph)
    assert answer["expires_in"] > 3600
    graph.now += timedelta(seconds=answer["expires_in"])
    assert Api(graph.root, answer["access_token"]).get("/me").status_code == 401


def test_revoked_sessions_withdrawn_consent_and_policies(graph):
    cache = msal.SerializableTokenCache()
    by_device(graph, cache=cache)
    graph.require_interaction(GRACE)
    answer = silently(graph, cache)
    assert (refused(answer), answer["classification"]) == (("interaction_required", 50076), "basic_action")
    by_device(graph, cache=cache)
    assert "access_token" in silently(graph, cache)
    graph.withdraw_consent(GRACE, ["User.Read"])
    answer = silently(graph, cache)
    assert (refused(answer), answer["classification"]) == (("invalid_grant", 65001), "consent_required")
    by_device(graph, cache=cache)
    assert "access_token" in silently(graph, cache)
    graph.revoke(GRACE)
    assert refused(silently(graph, cache)) == ("invalid_grant", 50173)


def test_a_refresh_does_not_widen_what_was_consented_to(graph):
    cache = msal.SerializableTokenCache()
    by_device(graph, cache=cache)
    assert refused(silently(graph, cache, scopes=["Mail.Send"])) == ("invalid_grant", 65001)
    graph.consent.admin_required = True
    assert refused(silently(graph, cache)) == ("invalid_grant", 65001)


def test_msal_hides_errors_and_repeats_them_for_a_minute(graph):
    cache = msal.SerializableTokenCache()
    by_device(graph, cache=cache)
    client = app(graph, cache=cache)
    (account,) = client.get_accounts()
    graph.require_interaction(GRACE)
    assert client.acquire_token_silent(SCOPES, account, force_refresh=True) is None
    asked = len(graph.requests)
    assert (
        client.acquire_token_silent_with_error(SCOPES, account, force_refresh=True)["error"] == "interaction_required"
    )
    assert len(graph.requests) == asked


# Apps without a user


def test_an_app_signs_in_by_itself_at_its_tenant(graph):
    answer = app(graph, TENANT, client_credential=CLIENT_SECRET).acquire_token_for_client(
        ["https://graph.microsoft.com/.default"]
    )
    api = Api(graph.root, answer["access_token"])
    assert ok(api.get(f"/users/{GRACE}/events"))["value"] == []
    assert api.get("/me").status_code == 400
    graph.consent.app_roles = {"Calendars.Read"}
    answer = app(graph, TENANT, client_credential=CLIENT_SECRET).acquire_token_for_client(
        ["https://graph.microsoft.com/.default"]
    )
    assert Api(graph.root, answer["access_token"]).get(f"/users/{GRACE}/mailboxSettings").status_code == 403


@pytest.mark.parametrize(
    ("tenant", "secret", "scope", "expected"),
    [
        (TENANT, "wrong", "https://graph.microsoft.com/.default", ("invalid_client", 7000215)),
        (TENANT, CLIENT_SECRET, "https://graph.microsoft.com/Calendars.Read", ("invalid_scope", 1002012)),
        ("common", CLIENT_SECRET, "https://graph.microsoft.com/.default", ("invalid_request", 50059)),
        ("consumers", CLIENT_SECRET, "https://graph.microsoft.com/.default", ("invalid_request", 50059)),
    ],
)
def test_an_app_by_itself_is_refused(graph, tenant, secret, scope, expected):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = app(graph, tenant, client_credential=secret)
        assert refused(client.acquire_token_for_client([scope])) == expected


def test_an_app_may_have_a_certificate(graph):
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 -- needed here only
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    client = app(graph, TENANT, client_credential={"private_key": pem, "thumbprint": "A1" * 20})
    assert "access_token" in client.acquire_token_for_client(["https://graph.microsoft.com/.default"])
