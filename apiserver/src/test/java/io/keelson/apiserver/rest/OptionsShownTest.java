package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.rest.LiveApi.Answer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Policies see how something is written or deleted, as it was asked for. */
@ExtendWith(LiveApi.Extension.class)
class OptionsShownTest {
    private static final String POLICIES = "/apis/admissionregistration.k8s.io/v1";

    private final LiveApi api;
    private final String namespace;
    private final String maps;
    private final LimitedUser user;

    OptionsShownTest(LiveApi api) {
        this.api = api;
        this.namespace = api.namespace();
        this.maps = "/api/v1/namespaces/" + namespace + "/configmaps";
        this.user = new LimitedUser(api, "writer-" + namespace)
                .mayIn(namespace, "{'apiGroups': [''], 'resources': ['configmaps'], 'verbs': ['*']}");
    }

    /** Refuses all that is done to config maps of this namespace, and tells the options that it was to be done with. */
    private void policy(String operation, String shown) {
        String name = "options-" + namespace;
        api.post(POLICIES + "/validatingadmissionpolicies", """
                        {'metadata': {'name': '%s'}, 'spec': {
                         'matchConstraints': {'resourceRules': [{'apiGroups': [''], 'apiVersions': ['v1'],
                           'operations': ['%s'], 'resources': ['configmaps']}]},
                         'validations': [{'expression': 'false', 'messageExpression': "%s"}]}}""".formatted(name, operation, shown))
                .succeeded();
        api.post(POLICIES + "/validatingadmissionpolicybindings", """
                        {'metadata': {'name': '%1$s'}, 'spec': {'policyName': '%1$s', 'validationActions': ['Deny'],
                         'matchResources': {'namespaceSelector': {'matchLabels': {'kubernetes.io/metadata.name': '%2$s'}}}}}""".formatted(name, namespace))
                .succeeded();
    }

    /** What the policy tells, once it is known. */
    private void assertShown(String expected, Supplier<Answer> write) {
        Answer[] last = new Answer[1];
        LimitedUser.await(() -> {
            last[0] = write.get();
            return last[0].message().contains("denied request: ");
        });
        String message = last[0].message();
        assertEquals(422, last[0].code());
        assertTrue(message.endsWith("denied request: " + expected), message);
    }

    @Test
    void ofDeletions() {
        api.post(maps, "{'metadata': {'name': 'a'}}").succeeded();
        policy(
                "DELETE",
                "string(request.options.kind) + string(request.options.gracePeriodSeconds)"
                        + " + string(request.options.propagationPolicy) + string(request.options.preconditions.uid)"
                        + " + string(request.options.dryRun[0])");
        String uid = api.get(maps + "/a").text("/metadata/uid");
        String body = "{'gracePeriodSeconds': 7, 'propagationPolicy': 'Foreground', 'dryRun': ['All'],"
                + " 'preconditions': {'uid': '" + uid + "'}}";
        String expected = "DeleteOptions7Foreground" + uid + "All";
        assertShown(expected, () -> user.send("DELETE", maps + "/a", "application/json", body));
        assertShown(expected, () -> user.send("DELETE", maps, "application/json", body));
        assertShown(
                expected,
                () -> user.delete(maps + "/a?gracePeriodSeconds=7&propagationPolicy=Foreground&dryRun=All&uid=" + uid));
        assertEquals(200, api.get(maps + "/a").code());
    }

    @Test
    void ofCreations() {
        policy(
                "CREATE",
                "string(request.options.kind) + string(request.options.fieldManager)"
                        + " + string(request.options.fieldValidation)");
        String map = "{'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'a'}}";
        assertShown("CreateOptionsmeStrict", () -> user.post(maps + "?fieldManager=me&fieldValidation=Strict", map));
        assertShown(
                "CreateOptionsmeIgnore",
                () -> user.send(
                        "PATCH",
                        maps + "/b?fieldManager=me&fieldValidation=Ignore&force=true",
                        "application/apply-patch+yaml",
                        map.replace("'a'", "'b'")));
    }

    @Test
    void ofChanges() {
        String map = "{'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'a', 'labels': {'a': 'b'}}}";
        api.post(maps, "{'metadata': {'name': 'a'}}").succeeded();
        policy(
                "UPDATE",
                "string(request.options.kind) + string(request.options.fieldManager)"
                        + " + string(has(request.options.fieldValidation) ? 1 : 0)");
        assertShown("UpdateOptionsme0", () -> user.send("PUT", maps + "/a?fieldManager=me", "application/json", map));
        assertShown(
                "UpdateOptionsme1",
                () -> user.send(
                        "PATCH",
                        maps + "/a?fieldManager=me&fieldValidation=Warn",
                        "application/merge-patch+json",
                        "{'data': {'a': 'b'}}"));
    }
}
