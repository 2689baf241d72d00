package io.keelson.apiserver.authz;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupResource;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RbacTest {
    private static final GroupResource PODS = new GroupResource("", "pods");

    private final RuleIndex index = new RuleIndex();
    private final Authorizer rbac = UnionAuthorizer.of(Authorizer.MASTERS, new RbacAuthorizer(index));

    @BeforeEach
    void bootstrap() {
        for (ObjectNode object : BootstrapPolicy.load(Set.of())) {
            index.put(kind(object), object);
        }
    }

    private static RuleIndex.Kind kind(ObjectNode object) {
        return switch (ObjectMeta.kind(object)) {
            case "Role" -> RuleIndex.Kind.ROLE;
            case "ClusterRole" -> RuleIndex.Kind.CLUSTER_ROLE;
            case "RoleBinding" -> RuleIndex.Kind.ROLE_BINDING;
            default -> RuleIndex.Kind.CLUSTER_ROLE_BINDING;
        };
    }

    private static ObjectNode json(String text) {
        return Json.parseObject(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static UserInfo user(String name, String... groups) {
        return new UserInfo(name, "", List.of(groups), Map.of());
    }

    private static Attributes pods(UserInfo user, String verb, String namespace, String name) {
        return Attributes.ofResource(user, verb, PODS, "", namespace, name);
    }

    @Test
    void aRefusalReadsAsUsersKnowIt() {
        ApiException refused =
                assertThrows(ApiException.class, () -> rbac.require(pods(user("jane"), "list", "default", "")));
        assertEquals(
                "pods is forbidden: User \"jane\" cannot list resource \"pods\" in API group \"\" in the namespace"
                        + " \"default\"",
                refused.message());
        assertEquals(403, refused.code());
        assertEquals(
                "deployments.apps \"web\" is forbidden: User \"jane\" cannot get resource \"deployments/scale\" in API"
                        + " group \"apps\" at the cluster scope",
                Attributes.ofResource(user("jane"), "get", new GroupResource("apps", "deployments"), "scale", "", "web")
                        .forbidden("")
                        .message());
        assertEquals(
                "forbidden: User \"jane\" cannot get path \"/metrics\"",
                Attributes.ofPath(user("jane"), "get", "/metrics").forbidden("").message());
    }

    @Test
    void anAllowanceSaysWhereItComesFrom() {
        index.put(RuleIndex.Kind.CLUSTER_ROLE_BINDING, json("""
                {'metadata':{'name':'x'},'roleRef':{'kind':'ClusterRole','name':'cluster-admin'},
                 'subjects':[{'kind':'User','name':'z'}]}"""));
        assertEquals(
                "RBAC: allowed by ClusterRoleBinding \"x\" of ClusterRole \"cluster-admin\" to User \"z\"",
                rbac.authorize(pods(user("z"), "get", "default", "p")).reason());
        index.put(RuleIndex.Kind.ROLE_BINDING, json("""
                {'metadata':{'name':'b','namespace':'ns'},'roleRef':{'kind':'ClusterRole','name':'system:node'},
                 'subjects':[{'kind':'ServiceAccount','name':'bot'}]}"""));
        assertEquals(
                "RBAC: allowed by RoleBinding \"b/ns\" of ClusterRole \"system:node\" to ServiceAccount \"bot/ns\"",
                rbac.authorize(pods(user("system:serviceaccount:ns:bot"), "get", "ns", "p"))
                        .reason());
    }

    @Test
    void aBindingToNoRoleIsToldOfInTheRefusal() {
        index.put(RuleIndex.Kind.CLUSTER_ROLE_BINDING, json("""
                {'metadata':{'name':'x'},'roleRef':{'kind':'ClusterRole','name':'gone'},
                 'subjects':[{'kind':'User','name':'z'}]}"""));
        Decision decision = rbac.authorize(pods(user("z"), "get", "default", "p"));
        assertFalse(decision.allowed());
        assertEquals("RBAC: clusterrole.rbac.authorization.k8s.io \"gone\" not found", decision.reason());
    }

    @Test
    void mastersMayDoEverythingWhateverTheRolesSay() {
        index.replace(RuleIndex.Kind.CLUSTER_ROLE, List.of());
        index.replace(RuleIndex.Kind.CLUSTER_ROLE_BINDING, List.of());
        assertTrue(rbac.authorize(pods(user("root", "system:masters"), "delete", "a", "b"))
                .allowed());
    }

    private static GroupResource resource(String name) {
        return new GroupResource("rbac.authorization.k8s.io", name);
    }

    @Test
    void whoGrantsMustHold() {
        Escalation escalation = new Escalation(index, rbac, index::rules);
        UserInfo jane = user("jane", "dev");
        ObjectNode role = json("""
                {'metadata':{'name':'r','namespace':'ns'},
                 'rules':[{'verbs':['get','list'],'apiGroups':[''],'resources':['pods']}]}""");
        ApiException refused =
                assertThrows(ApiException.class, () -> escalation.check(jane, resource("roles"), "ns", "", role, null));
        assertEquals(
                "roles.rbac.authorization.k8s.io \"r\" is forbidden: user \"jane\" (groups=[\"dev\"]) is attempting to"
                        + " grant RBAC permissions not currently held:\n"
                        + "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"get\" \"list\"]}",
                refused.message());
        index.put(RuleIndex.Kind.ROLE, json("""
                {'metadata':{'name':'mine','namespace':'ns'},
                 'rules':[{'verbs':['*'],'apiGroups':['*'],'resources':['pods']}]}"""));
        index.put(RuleIndex.Kind.ROLE_BINDING, json("""
                {'metadata':{'name':'mine','namespace':'ns'},'roleRef':{'kind':'Role','name':'mine'},
                 'subjects':[{'kind':'Group','name':'dev'}]}"""));
        assertDoesNotThrow(() -> escalation.check(jane, resource("roles"), "ns", "", role, null));
        assertDoesNotThrow(
                () -> escalation.check(user("root", "system:masters"), resource("roles"), "ns", "", role, null));
    }

    @Test
    void theVerbsEscalateAndBindSetFree() {
        Escalation escalation = new Escalation(index, rbac, index::rules);
        UserInfo jane = user("jane");
        ObjectNode role = json("""
                {'metadata':{'name':'r'},'rules':[{'verbs':['*'],'apiGroups':['*'],'resources':['*']}]}""");
        ObjectNode binding = json("""
                {'metadata':{'name':'b','namespace':'ns'},'subjects':[],
                 'roleRef':{'apiGroup':'rbac.authorization.k8s.io','kind':'ClusterRole','name':'view'}}""");
        index.put(RuleIndex.Kind.CLUSTER_ROLE, json("""
                {'metadata':{'name':'view'},'rules':[{'verbs':['get'],'apiGroups':[''],'resources':['pods']}]}"""));
        assertThrows(ApiException.class, () -> escalation.check(jane, resource("clusterroles"), "", "r", role, null));
        assertThrows(
                ApiException.class, () -> escalation.check(jane, resource("rolebindings"), "ns", "", binding, null));
        index.put(RuleIndex.Kind.CLUSTER_ROLE, json("""
                {'metadata':{'name':'free'},'rules':[
                 {'verbs':['escalate'],'apiGroups':['rbac.authorization.k8s.io'],'resources':['clusterroles']},
                 {'verbs':['bind'],'apiGroups':['rbac.authorization.k8s.io'],'resources':['clusterroles'],
                  'resourceNames':['view']}]}"""));
        index.put(RuleIndex.Kind.CLUSTER_ROLE_BINDING, json("""
                {'metadata':{'name':'free'},'roleRef':{'kind':'ClusterRole','name':'free'},
                 'subjects':[{'kind':'User','name':'jane'}]}"""));
        assertDoesNotThrow(() -> escalation.check(jane, resource("clusterroles"), "", "r", role, null));
        assertDoesNotThrow(() -> escalation.check(jane, resource("rolebindings"), "ns", "", binding, null));
        ObjectNode admin = binding.deepCopy();
        admin.withObject("/roleRef").put("name", "cluster-admin");
        assertThrows(ApiException.class, () -> escalation.check(jane, resource("rolebindings"), "ns", "", admin, null));
    }

    @Test
    void collectingOthersNeedsPowerOverEverything() {
        Escalation escalation = new Escalation(index, rbac, index::rules);
        ObjectNode role = json("{'metadata':{'name':'all'},'aggregationRule':{'clusterRoleSelectors':[{}]}}");
        ApiException refused = assertThrows(
                ApiException.class,
                () -> escalation.check(user("jane"), resource("clusterroles"), "", "r", role, null));
        assertTrue(refused.message().endsWith("must have cluster-admin privileges to use an aggregationRule"));
    }

    @Test
    void garbageCollectionOfARoleIsNoGrant() {
        Escalation escalation = new Escalation(index, rbac, index::rules);
        ObjectNode old = json("""
                {'metadata':{'name':'r','finalizers':['x']},'rules':[{'verbs':['*'],'nonResourceURLs':['*']}]}""");
        ObjectNode role = old.deepCopy();
        ObjectMeta.setFinalizers(role, List.of());
        assertDoesNotThrow(() -> escalation.check(user("jane"), resource("clusterroles"), "", "r", role, old));
        ObjectMeta.setLabel(role, "a", "b");
        assertThrows(
                ApiException.class, () -> escalation.check(user("jane"), resource("clusterroles"), "", "r", role, old));
    }

    @Test
    void theBootstrapPolicyIsWhole() {
        List<ObjectNode> objects = BootstrapPolicy.load(Set.of());
        Set<String> names = new HashSet<>();
        for (ObjectNode object : objects) {
            assertTrue(
                    names.add(ObjectMeta.kind(object) + ObjectMeta.namespace(object) + "/" + ObjectMeta.name(object)),
                    object::toString);
            assertEquals("true", ObjectMeta.annotation(object, BootstrapPolicy.AUTOUPDATE));
            assertEquals("rbac-defaults", ObjectMeta.label(object, "kubernetes.io/bootstrapping"));
            if (object.has("roleRef")) {
                String namespace = ObjectMeta.namespace(object);
                assertTrue(index.rules(RoleRef.of(object), namespace) != null, object::toString);
            } else if (!object.has("aggregationRule")) {
                assertFalse(object.path("rules").isEmpty(), object::toString);
            }
        }
        assertEquals(135, objects.size());
        assertTrue(rbac.authorize(Attributes.ofPath(UserInfo.ANONYMOUS, "get", "/version"))
                .allowed());
        assertFalse(rbac.authorize(Attributes.ofPath(UserInfo.ANONYMOUS, "get", "/apis"))
                .allowed());
        assertTrue(rbac.authorize(Attributes.ofPath(user("j", "system:authenticated"), "get", "/apis/apps/v1"))
                .allowed());
        UserInfo scaler = user("system:serviceaccount:kube-system:horizontal-pod-autoscaler");
        assertTrue(rbac.authorize(Attributes.ofResource(
                        scaler, "update", new GroupResource("example.com", "things"), "scale", "a", "b"))
                .allowed());
    }

    @Test
    void reconciliationAddsWhatIsMissingAndLeavesWhatOthersAdded() {
        ObjectNode wanted = json("""
                {'kind':'ClusterRole','metadata':{'name':'r','annotations':{'rbac.authorization.kubernetes.io/autoupdate':'true'}},
                 'rules':[{'verbs':['get'],'apiGroups':[''],'resources':['pods','nodes']}]}""");
        assertEquals(
                PolicyReconciliation.Action.CREATE,
                PolicyReconciliation.of(wanted, null).action());
        assertEquals(
                PolicyReconciliation.Action.NOTHING,
                PolicyReconciliation.of(wanted, wanted).action());
        ObjectNode there = json("""
                {'kind':'ClusterRole','metadata':{'name':'r','annotations':{'rbac.authorization.kubernetes.io/autoupdate':'true'}},
                 'rules':[{'verbs':['get'],'apiGroups':[''],'resources':['pods','secrets']}]}""");
        PolicyReconciliation result = PolicyReconciliation.of(wanted, there);
        assertEquals(PolicyReconciliation.Action.UPDATE, result.action());
        assertEquals(2, result.object().path("rules").size());
        assertEquals(
                "nodes",
                result.object().path("rules").get(1).path("resources").get(0).asText());
        ObjectMeta.setAnnotation(there, BootstrapPolicy.AUTOUPDATE, "false");
        assertEquals(
                PolicyReconciliation.Action.NOTHING,
                PolicyReconciliation.of(wanted, there).action());
        ObjectNode binding = json("""
                {'kind':'ClusterRoleBinding','metadata':{'name':'b'},'roleRef':{'kind':'ClusterRole','name':'x'}}""");
        ObjectNode other = json("""
                {'kind':'ClusterRoleBinding','metadata':{'name':'b'},'roleRef':{'kind':'ClusterRole','name':'y'}}""");
        assertEquals(
                PolicyReconciliation.Action.RECREATE,
                PolicyReconciliation.of(binding, other).action());
    }

    @Test
    void reviewsAnswerAsAuthorizersDecide() {
        AccessReviews reviews = new AccessReviews(rbac);
        ObjectNode review = json("""
                {'kind':'SubjectAccessReview','spec':{'user':'root','groups':['system:masters'],
                 'resourceAttributes':{'verb':'get','resource':'pods','namespace':'a'}}}""");
        assertTrue(reviews.subject(review).path("status").path("allowed").asBoolean());
        assertFalse(review.has("status"));
        assertFalse(reviews.self(review, user("jane"))
                .path("status")
                .path("allowed")
                .asBoolean());
        ApiException wrong = assertThrows(
                ApiException.class, () -> reviews.subject(json("{'kind':'SubjectAccessReview','spec':{}}")));
        assertEquals(
                "SubjectAccessReview.authorization.k8s.io \"\" is invalid: [spec.resourceAttributes: Invalid value:"
                        + " null: exactly one of nonResourceAttributes or resourceAttributes"
                        + " must be specified, spec.user: Invalid value: \"\": at least one of user or group must be"
                        + " specified]",
                wrong.message());
        assertThrows(ApiException.class, () -> reviews.localSubject(review, "b"));
        assertTrue(
                reviews.localSubject(review, "a").path("status").path("allowed").asBoolean());
        ObjectNode rules = reviews.selfRules(json("{'spec':{'namespace':'a'}}"), user("j", "system:authenticated"));
        assertFalse(rules.path("status").path("incomplete").asBoolean());
        assertTrue(rules.path("status").path("resourceRules").toString().contains("selfsubjectreviews"));
        assertTrue(rules.path("status").path("nonResourceRules").toString().contains("/openapi/*"));
        assertThrows(ApiException.class, () -> reviews.selfRules(json("{'spec':{}}"), user("j")));
    }
}
