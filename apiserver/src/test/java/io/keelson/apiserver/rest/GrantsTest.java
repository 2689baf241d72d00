package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.rest.LiveApi.Answer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nobody grants what they do not have, in whatever way they write it. */
@ExtendWith(LiveApi.Extension.class)
class GrantsTest {
    private static final String RBAC = "/apis/rbac.authorization.k8s.io/v1";
    private static final String ALL_PODS = "{'apiGroups': [''], 'resources': ['pods'], 'verbs': ['get', 'list']}";
    private static final String ALL_SECRETS = "{'apiGroups': [''], 'resources': ['secrets'], 'verbs': ['get']}";
    private static final String NOT_HELD = "is attempting to grant RBAC permissions not currently held:\n"
            + "{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}";

    private final LiveApi api;
    private final String namespace;

    /** May see pods, and write all that grants. */
    private final LimitedUser granter;

    enum Kind {
        ROLE("Role", "roles"),
        CLUSTER_ROLE("ClusterRole", "clusterroles"),
        ROLE_BINDING("RoleBinding", "rolebindings"),
        CLUSTER_ROLE_BINDING("ClusterRoleBinding", "clusterrolebindings");

        private final String text;
        private final String resource;

        Kind(String text, String resource) {
            this.text = text;
            this.resource = resource;
        }

        boolean binds() {
            return text.endsWith("Binding");
        }

        String path(String namespace) {
            return text.startsWith("Cluster")
                    ? RBAC + "/" + resource
                    : RBAC + "/namespaces/" + namespace + "/" + resource;
        }
    }

    GrantsTest(LiveApi api) {
        this.api = api;
        this.namespace = api.namespace();
        this.granter = new LimitedUser(api, "granter-" + namespace).may(ALL_PODS + """
                , {'apiGroups': ['rbac.authorization.k8s.io'], 'verbs': ['get', 'create', 'update', 'patch'],
                   'resources': ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings']}""");
        role("pods", ALL_PODS);
        role("secrets", ALL_SECRETS);
    }

    private void role(String name, String rule) {
        api.post(
                        RBAC + "/clusterroles",
                        "{'metadata': {'name': '" + name + "-" + namespace + "'}, 'rules': [" + rule + "]}")
                .succeeded();
    }

    private String object(Kind kind, String name, String what) {
        String head = "{'apiVersion': 'rbac.authorization.k8s.io/v1', 'kind': '" + kind.text
                + "', 'metadata': {'name': '" + name + "'}, ";
        return kind.binds()
                ? head + "'roleRef': {'apiGroup': 'rbac.authorization.k8s.io', 'kind': 'ClusterRole', 'name': '" + what
                        + "-" + namespace + "'}, 'subjects': [{'apiGroup': 'rbac.authorization.k8s.io', 'kind': 'User',"
                        + " 'name': 'granted'}]}"
                : head + "'rules': [" + (what.equals("pods") ? ALL_PODS : ALL_SECRETS) + "]}";
    }

    private void refused(Answer answer) {
        assertEquals(403, answer.code(), answer.body()::toString);
        assertTrue(answer.message().contains("user \"" + granter.name() + "\" (groups=[\"system:authenticated\"]) "));
        assertTrue(answer.message().contains(NOT_HELD), answer.message());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void moreThanOneHasIsNotCreated(Kind kind) {
        String path = kind.path(namespace);
        String name = "new-" + namespace;
        String beyond = object(kind, name, "secrets");
        refused(granter.post(path, beyond));
        refused(granter.put(path + "/" + name, beyond));
        refused(granter.apply(path + "/" + name, beyond));
        assertEquals(404, api.get(path + "/" + name).code());
        assertEquals(201, api.post(path, beyond).code());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void whatOneHasIsGranted(Kind kind) {
        String path = kind.path(namespace);
        assertEquals(
                201, granter.post(path, object(kind, "a-" + namespace, "pods")).code());
        assertEquals(
                201,
                granter.put(path + "/b-" + namespace, object(kind, "b-" + namespace, "pods"))
                        .code());
        assertEquals(
                201,
                granter.apply(path + "/c-" + namespace, object(kind, "c-" + namespace, "pods"))
                        .code());
        assertEquals(
                200,
                granter.merge(path + "/a-" + namespace, "{'metadata': {'labels': {'a': 'b'}}}")
                        .code());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void changeOfWhatGrantsMoreGrantsIt(Kind kind) {
        String path = kind.path(namespace);
        String name = "there-" + namespace;
        ObjectNode there =
                api.post(path, object(kind, name, "secrets")).succeeded().body();
        String self = "{'apiGroup': 'rbac.authorization.k8s.io', 'kind': 'User', 'name': '" + granter.name() + "'}";
        String rule = "{'apiGroups': [''], 'resources': ['secrets'], 'verbs': ['get']}";
        String change = kind.binds() ? "'subjects': [" + self + "]" : "'rules': [" + rule + ", " + ALL_PODS + "]";
        String one = path + "/" + name;
        refused(granter.merge(one, "{" + change + "}"));
        refused(granter.merge(one, "{'metadata': {'labels': {'a': 'b'}}}"));
        refused(granter.send(
                "PATCH",
                one,
                "application/json-patch+json",
                kind.binds()
                        ? "[{'op': 'add', 'path': '/subjects/-', 'value': " + self + "}]"
                        : "[{'op': 'add', 'path': '/rules/-', 'value': " + ALL_PODS + "}]"));
        refused(granter.send(
                "PATCH",
                one + "?fieldManager=test&force=true",
                "application/apply-patch+yaml",
                object(kind, name, "secrets").replace("'metadata': {", "'metadata': {'labels': {'a': 'b'}, ")));
        there.withObject("/metadata").putObject("labels").put("a", "b");
        refused(granter.put(one, there.toString()));
        refused(granter.put(one + "?dryRun=All", there.toString()));
        assertEquals("", api.get(one).text("/metadata/labels/a"));
        assertEquals(200, api.merge(one, "{'metadata': {'labels': {'a': 'b'}}}").code());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void ownersAndFinalizersGrantNothing(Kind kind) {
        String one = kind.path(namespace) + "/held-" + namespace;
        api.post(kind.path(namespace), object(kind, "held-" + namespace, "secrets"))
                .succeeded();
        api.merge(one, "{'metadata': {'finalizers': ['example.com/x']}}").succeeded();
        assertEquals(
                200, granter.merge(one, "{'metadata': {'finalizers': null}}").code());
        assertEquals(0, api.get(one).at("/metadata/finalizers").size());
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"ROLE", "CLUSTER_ROLE"})
    void whoMayEscalateMayWriteAnyRole(Kind kind) {
        LimitedUser free = new LimitedUser(api, "free-" + kind.resource + "-" + namespace)
                .may("{'apiGroups': ['rbac.authorization.k8s.io'], 'verbs': ['create', 'update', 'patch', 'escalate'],"
                        + " 'resources': ['" + kind.resource + "']}");
        String path = kind.path(namespace);
        assertEquals(
                201,
                free.post(path, object(kind, "free-" + namespace, "secrets")).code());
        assertEquals(
                200,
                free.merge(path + "/free-" + namespace, "{'rules': [" + ALL_PODS + "]}")
                        .code());
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"ROLE_BINDING", "CLUSTER_ROLE_BINDING"})
    void whoMayBindARoleMayBindIt(Kind kind) {
        LimitedUser free = new LimitedUser(api, "free-" + kind.resource + "-" + namespace)
                .may("{'apiGroups': ['rbac.authorization.k8s.io'], 'verbs': ['create'], 'resources': ['" + kind.resource
                        + "']}, {'apiGroups': ['rbac.authorization.k8s.io'], 'verbs': ['bind'], 'resources':"
                        + " ['clusterroles'], 'resourceNames': ['secrets-" + namespace + "']}");
        String path = kind.path(namespace);
        assertEquals(
                201,
                free.post(path, object(kind, "free-" + namespace, "secrets")).code());
        assertEquals(
                403, free.post(path, object(kind, "other-" + namespace, "pods")).code());
        Answer missing = free.post(path, object(kind, "none-" + namespace, "none"));
        assertEquals(404, missing.code());
        assertEquals("clusterroles.rbac.authorization.k8s.io \"none-" + namespace + "\" not found", missing.message());
    }

    @Test
    void roleIsBoundAsItIsNow() {
        for (int i = 0; i < 20; i++) {
            String name = "quick" + i + "-" + namespace;
            granter.post(RBAC + "/clusterroles", object(Kind.CLUSTER_ROLE, name, "pods"))
                    .succeeded();
            String binding = object(Kind.ROLE_BINDING, name, "pods").replace("'pods-" + namespace, "'" + name);
            assertEquals(
                    201,
                    granter.post(Kind.ROLE_BINDING.path(namespace), binding).code());
        }
    }

    @Test
    void collectingOthersNeedsPowerOverEverything() {
        String collector = "{'metadata': {'name': 'collector-" + namespace
                + "'}, 'aggregationRule': {'clusterRoleSelectors': [{'matchLabels': {'none': 'such'}}]}}";
        Answer answer = granter.post(RBAC + "/clusterroles", collector);
        assertEquals(403, answer.code());
        assertTrue(
                answer.message().endsWith("must have cluster-admin privileges to use an aggregationRule"),
                answer.message());
        LimitedUser mighty = new LimitedUser(api, "mighty-" + namespace)
                .may(
                        "{'apiGroups': ['*'], 'resources': ['*'], 'verbs': ['*']}, {'nonResourceURLs': ['*'], 'verbs': ['*']}");
        assertEquals(201, mighty.post(RBAC + "/clusterroles", collector).code());
    }

    @Test
    void namespaceAdministratorDoesNotReachTheCluster() {
        LimitedUser admin = new LimitedUser(api, "admin-" + namespace)
                .mayIn(namespace, "{'apiGroups': ['*'], 'resources': ['*'], 'verbs': ['*']}");
        String inside = "/namespaces/" + namespace;
        List<Answer> answers = List.of(
                admin.get(RBAC + inside + "/clusterroles/cluster-admin"),
                admin.get(RBAC + inside + "/clusterroles"),
                admin.get("/api/v1" + inside + "/nodes"),
                admin.get("/api/v1/watch" + inside + "/nodes?timeoutSeconds=1"),
                admin.post("/api/v1" + inside + "/namespaces", "{'metadata': {'name': 'mine-" + namespace + "'}}"),
                admin.post(
                        RBAC + inside + "/clusterrolebindings",
                        object(Kind.CLUSTER_ROLE_BINDING, "mine-" + namespace, "pods")),
                admin.put(
                        RBAC + inside + "/clusterroles/mine-" + namespace,
                        object(Kind.CLUSTER_ROLE, "mine-" + namespace, "pods")),
                admin.delete(RBAC + inside + "/clusterroles/pods-" + namespace),
                admin.delete(RBAC + inside + "/clusterroles"));
        for (Answer answer : answers) {
            assertEquals(404, answer.code(), () -> answer.response().request() + " " + answer.body());
            assertEquals("the server could not find the requested resource", answer.message());
        }
        assertEquals(200, admin.get("/api/v1" + inside).code());
    }
}
