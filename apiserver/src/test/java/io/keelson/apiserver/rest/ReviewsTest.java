package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.rest.LiveApi.Answer;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LiveApi.Extension.class)
class ReviewsTest {
    private static final String IDENTITIES = "/apis/authentication.k8s.io/v1";
    private static final String ACCESSES = "/apis/authorization.k8s.io/v1";
    private static final String LIST_PODS =
            "'resourceAttributes': {'verb': 'list', 'resource': 'pods', 'namespace': 'default'}";

    private final LiveApi api;
    private final String namespace;

    ReviewsTest(LiveApi api) {
        this.api = api;
        this.namespace = api.namespace();
    }

    private String account() {
        String accounts = "/api/v1/namespaces/" + namespace + "/serviceaccounts";
        api.post(accounts, "{'metadata': {'name': 'robot'}}").succeeded();
        return accounts + "/robot";
    }

    private String token() {
        return api.post(account() + "/token", "{'spec': {}}").succeeded().text("/status/token");
    }

    @Test
    void tokenOfServiceAccountIsMadeAndBelieved() {
        Answer made = api.post(account() + "/token", "{'spec': {'expirationSeconds': 1200}}");
        assertEquals(201, made.code());
        assertEquals("TokenRequest", made.text("/kind"));
        assertEquals("robot", made.text("/metadata/name"));
        assertEquals(1200, made.at("/spec/expirationSeconds").asInt());
        assertFalse(made.text("/status/expirationTimestamp").isEmpty());
        String token = made.text("/status/token");

        Answer review = api.post(IDENTITIES + "/tokenreviews", "{'spec': {'token': '" + token + "'}}");
        assertEquals(201, review.code());
        assertTrue(review.at("/status/authenticated").asBoolean(), review.body().toString());
        String user = "system:serviceaccount:" + namespace + ":robot";
        assertEquals(user, review.text("/status/user/username"));

        Answer self = api.postAs(token, IDENTITIES + "/selfsubjectreviews", "{}");
        assertEquals(201, self.code());
        assertEquals(user, self.text("/status/userInfo/username"));
        assertFalse(self.text("/metadata/creationTimestamp").isEmpty());
    }

    @Test
    void tokenForNobodyIsNotMade() {
        Answer answer = api.post("/api/v1/namespaces/" + namespace + "/serviceaccounts/gone/token", "{'spec': {}}");
        assertEquals(404, answer.code());
        assertEquals("serviceaccounts \"gone\" not found", answer.message());
    }

    @Test
    void tokenForAnAccountOfAnotherUidIsNotMade() {
        String account = account();
        String uid = api.get(account).text("/metadata/uid");
        Answer answer = api.post(account + "/token", "{'metadata': {'uid': 'other'}, 'spec': {}}");
        assertEquals(409, answer.code());
        assertEquals("Conflict", answer.text("/reason"));
        assertEquals(
                "Operation cannot be fulfilled on TokenRequest.authentication.k8s.io \"robot\": the UID in the token request"
                        + " (other) does not match the UID of the service account (" + uid + ")",
                answer.message());
        assertEquals(
                201,
                api.post(account + "/token", "{'metadata': {'uid': '" + uid + "'}, 'spec': {}}")
                        .code());
    }

    @Test
    void tokenForTooShortATimeIsNotMade() {
        Answer answer = api.post(account() + "/token", "{'spec': {'expirationSeconds': 5}}");
        assertEquals(422, answer.code());
        assertTrue(answer.message().contains("may not specify a duration less than 10 minutes"), answer.message());
    }

    @Test
    void tokenThatIsNoneIsNotBelieved() {
        Answer answer = api.post(IDENTITIES + "/tokenreviews", "{'spec': {'token': 'abc'}}");
        assertEquals(201, answer.code());
        assertFalse(answer.at("/status/authenticated").asBoolean());
        assertFalse(answer.text("/status/error").isEmpty());
    }

    @Test
    void reviewOfOneselfDiffersByWhoAsks() {
        String path = ACCESSES + "/selfsubjectaccessreviews";
        String review = "{'spec': {" + LIST_PODS + "}}";
        Answer admin = api.post(path, review);
        assertEquals(201, admin.code());
        assertTrue(admin.at("/status/allowed").asBoolean());
        assertEquals("pods", admin.text("/spec/resourceAttributes/resource"));
        assertFalse(api.postAs(token(), path, review)
                .succeeded()
                .at("/status/allowed")
                .asBoolean());
    }

    @Test
    void reviewOfOthersTakesRolesIntoAccount() {
        String roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/" + namespace;
        api.post(roles + "/roles", """
                        {'metadata': {'name': 'see'},
                         'rules': [{'apiGroups': [''], 'resources': ['pods'], 'verbs': ['list']}]}""").succeeded();
        api.post(roles + "/rolebindings", """
                        {'metadata': {'name': 'see'},
                         'roleRef': {'apiGroup': 'rbac.authorization.k8s.io', 'kind': 'Role', 'name': 'see'},
                         'subjects': [{'apiGroup': 'rbac.authorization.k8s.io', 'kind': 'User', 'name': 'jane'}]}""").succeeded();
        String review =
                "{'metadata': {'namespace': '" + namespace + "'}, 'spec': {'user': 'jane', 'resourceAttributes':"
                        + " {'verb': 'list', 'resource': 'pods', 'namespace': '" + namespace + "'}}}";
        String local = ACCESSES + "/namespaces/" + namespace + "/localsubjectaccessreviews";
        await(() -> api.post(local, review).succeeded().at("/status/allowed").asBoolean());
        Answer everywhere =
                api.post(ACCESSES + "/subjectaccessreviews", "{'spec': {'user': 'jane', " + LIST_PODS + "}}");
        assertEquals(201, everywhere.code());
        assertFalse(everywhere.at("/status/allowed").asBoolean());
    }

    /** The index of roles follows their watch. */
    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "not within ten seconds");
            Thread.onSpinWait();
        }
    }

    @Test
    void localReviewIsOfItsNamespace() {
        Answer answer = api.post(
                ACCESSES + "/namespaces/" + namespace + "/localsubjectaccessreviews",
                "{'spec': {'user': 'jane', " + LIST_PODS + "}}");
        assertEquals(422, answer.code());
        assertTrue(answer.message().contains("must match metadata.namespace"), answer.message());
    }

    @Test
    void selectorThatCannotBeReadIsLeftOut() {
        Answer answer = api.post(
                ACCESSES + "/selfsubjectaccessreviews",
                "{'spec': {'resourceAttributes': {'verb': 'list', 'resource': 'pods',"
                        + " 'labelSelector': {'rawSelector': 'a=b'}, 'fieldSelector': {'rawSelector': 'x'}}}}");
        assertEquals(201, answer.code());
        assertTrue(answer.succeeded().at("/status/allowed").asBoolean());
        assertEquals(
                "spec.resourceAttributes.fieldSelector ignored due to parse error",
                answer.text("/status/evaluationError"));
    }

    @Test
    void reviewThatAsksNothingIsInvalid() {
        Answer answer = api.post(ACCESSES + "/selfsubjectaccessreviews", "{'spec': {}}");
        assertEquals(422, answer.code());
        assertTrue(
                answer.message()
                        .contains("exactly one of nonResourceAttributes or resourceAttributes must be specified"),
                answer.message());
    }

    @Test
    void rulesOfAdministratorsAllowEverything() {
        Answer answer = api.post(ACCESSES + "/selfsubjectrulesreviews", "{'spec': {'namespace': 'default'}}");
        assertEquals(201, answer.code());
        assertEquals("*", answer.text("/status/resourceRules/0/verbs/0"));
    }

    @Test
    void reviewsCannotBeListed() {
        assertEquals(405, api.get(ACCESSES + "/subjectaccessreviews").code());
    }

    @Test
    void componentsAreListedAndReadWithAWarning() {
        Answer list = api.get("/api/v1/componentstatuses").succeeded();
        assertEquals("ComponentStatusList", list.text("/kind"));
        assertEquals(3, list.at("/items").size());
        assertTrue(
                list.header("Warning").contains("v1 ComponentStatus is deprecated in v1.19+"), list.header("Warning"));
        Answer store = api.get("/api/v1/componentstatuses/etcd-0").succeeded();
        assertEquals("Healthy", store.text("/conditions/0/type"));
        assertEquals("True", store.text("/conditions/0/status"));
        assertEquals("ok", store.text("/conditions/0/message"));
        assertEquals(
                1,
                api.get("/api/v1/componentstatuses?fieldSelector=metadata.name=scheduler")
                        .at("/items")
                        .size());
        assertEquals(
                "Component not found: coffee",
                api.get("/api/v1/componentstatuses/coffee").message());
    }
}
