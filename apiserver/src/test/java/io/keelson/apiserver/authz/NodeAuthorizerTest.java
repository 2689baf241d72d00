package io.keelson.apiserver.authz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupResource;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeAuthorizerTest {
    private static final UserInfo N1 = node("n1");
    private static final UserInfo N2 = node("n2");

    private final NodeGraph graph = new NodeGraph();
    private final NodeAuthorizer authorizer = new NodeAuthorizer(graph, BootstrapPolicy.nodeRules(Set.of()));

    private static UserInfo node(String name) {
        return new UserInfo("system:node:" + name, "", List.of("system:nodes"), Map.of());
    }

    private static ObjectNode json(String text) {
        return Json.parseObject(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static ObjectNode pod(String name, String node) {
        return json("""
                {'metadata':{'name':'%s','namespace':'ns'},'spec':{'nodeName':'%s','serviceAccountName':'bot',
                 'imagePullSecrets':[{'name':'pull'}],
                 'containers':[{'env':[{'valueFrom':{'secretKeyRef':{'name':'env'}}}],
                                'envFrom':[{'configMapRef':{'name':'conf'}}]}],
                 'initContainers':[{'envFrom':[{'secretRef':{'name':'init'}}]}],
                 'volumes':[{'name':'v','projected':{'sources':[{'secret':{'name':'projected'}}]}},
                            {'name':'c','persistentVolumeClaim':{'claimName':'claim'}},
                            {'name':'e','ephemeral':{}}],
                 'resourceClaims':[{'name':'gpu','resourceClaimTemplateName':'t'}]},
                 'status':{'resourceClaimStatuses':[{'name':'gpu','resourceClaimName':'gpu-1'}]}}""".formatted(name, node));
    }

    @BeforeEach
    void twoNodes() {
        graph.putPod(pod("p1", "n1"));
        graph.putVolume(json("""
                {'metadata':{'name':'pv'},'spec':{'claimRef':{'namespace':'ns','name':'claim'},
                 'csi':{'nodeStageSecretRef':{'namespace':'storage','name':'stage'},
                        'controllerPublishSecretRef':{'namespace':'storage','name':'control'}}}}"""));
    }

    private boolean may(
            UserInfo user, String verb, String resource, String subresource, String namespace, String name) {
        int slash = resource.indexOf('/');
        GroupResource group = slash < 0
                ? new GroupResource("", resource)
                : new GroupResource(resource.substring(0, slash), resource.substring(slash + 1));
        return authorizer
                .authorize(Attributes.ofResource(user, verb, group, subresource, namespace, name))
                .allowed();
    }

    @Test
    void aNodeReadsWhatItsPodsUseAndNothingElse() {
        for (String secret : List.of("pull", "env", "init", "projected")) {
            assertTrue(may(N1, "get", "secrets", "", "ns", secret), secret);
            assertTrue(may(N1, "watch", "secrets", "", "ns", secret), secret);
            assertFalse(may(N2, "get", "secrets", "", "ns", secret), secret);
            assertFalse(may(N1, "get", "secrets", "", "other", secret), secret);
            assertFalse(may(N1, "update", "secrets", "", "ns", secret), secret);
        }
        assertTrue(may(N1, "get", "configmaps", "", "ns", "conf"));
        assertTrue(may(N1, "get", "persistentvolumeclaims", "", "ns", "claim"));
        assertTrue(may(N1, "get", "persistentvolumeclaims", "", "ns", "p1-e"));
        assertTrue(may(N1, "patch", "persistentvolumeclaims", "status", "ns", "claim"));
        assertTrue(may(N1, "get", "persistentvolumes", "", "", "pv"));
        assertTrue(may(N1, "get", "secrets", "", "storage", "stage"));
        assertFalse(may(N1, "get", "secrets", "", "storage", "control"));
        assertFalse(may(N2, "get", "secrets", "", "storage", "stage"));
        assertTrue(may(N1, "get", "resource.k8s.io/resourceclaims", "", "ns", "gpu-1"));
        assertTrue(may(N1, "create", "serviceaccounts", "token", "ns", "bot"));
        assertFalse(may(N2, "create", "serviceaccounts", "token", "ns", "bot"));
        assertFalse(may(N1, "list", "secrets", "", "ns", ""));
        assertFalse(may(N1, "list", "secrets", "", "", ""));
    }

    @Test
    void accessEndsWithTheLastPod() {
        graph.putPod(pod("p2", "n1"));
        graph.removePod("ns", "p1");
        assertTrue(may(N1, "get", "secrets", "", "ns", "env"));
        assertTrue(may(N1, "get", "secrets", "", "storage", "stage"));
        graph.removePod("ns", "p2");
        assertFalse(may(N1, "get", "secrets", "", "ns", "env"));
        assertFalse(may(N1, "get", "secrets", "", "storage", "stage"));
        assertFalse(may(N1, "get", "pods", "", "ns", "p2"));
    }

    @Test
    void aPodThatMovesToAnotherNodeTakesItsAccessAlong() {
        graph.putPod(pod("p1", "n2"));
        assertFalse(may(N1, "get", "secrets", "", "ns", "env"));
        assertTrue(may(N2, "get", "secrets", "", "ns", "env"));
    }

    @Test
    void aMirrorPodOpensNothing() {
        ObjectNode mirror = pod("mirror", "n2");
        mirror.withObject("/metadata").putObject("annotations").put("kubernetes.io/config.mirror", "x");
        graph.putPod(mirror);
        assertFalse(may(N2, "get", "secrets", "", "ns", "env"));
        assertTrue(may(N2, "get", "pods", "", "ns", "mirror"));
    }

    @Test
    void aVolumeThatLosesItsClaimOpensNothing() {
        graph.putVolume(json("{'metadata':{'name':'pv'},'spec':{}}"));
        assertFalse(may(N1, "get", "persistentvolumes", "", "", "pv"));
        assertFalse(may(N1, "get", "secrets", "", "storage", "stage"));
    }

    @Test
    void aNodeKnowsItselfOnly() {
        assertTrue(may(N1, "get", "nodes", "", "", "n1"));
        assertFalse(may(N1, "get", "nodes", "", "", "n2"));
        assertTrue(may(N1, "patch", "nodes", "status", "", "n2"));
        assertTrue(may(N1, "update", "coordination.k8s.io/leases", "", "kube-node-lease", "n1"));
        assertFalse(may(N1, "update", "coordination.k8s.io/leases", "", "kube-node-lease", "n2"));
        assertFalse(may(N1, "update", "coordination.k8s.io/leases", "", "kube-system", "n1"));
        assertTrue(may(N1, "get", "storage.k8s.io/csinodes", "", "", "n1"));
        assertFalse(may(N1, "get", "storage.k8s.io/csinodes", "", "", "n2"));
        graph.putOwned(NodeGraph.Kind.VOLUME_ATTACHMENT, json("{'metadata':{'name':'va'},'spec':{'nodeName':'n1'}}"));
        assertTrue(may(N1, "get", "storage.k8s.io/volumeattachments", "", "", "va"));
        assertFalse(may(N2, "get", "storage.k8s.io/volumeattachments", "", "", "va"));
        assertEquals(
                "node 'n1' cannot read all nodes, only its own Node object",
                authorizer
                        .authorize(Attributes.ofResource(N1, "list", new GroupResource("", "nodes"), "", "", ""))
                        .reason());
    }

    @Test
    void podsAreListedByNode() {
        Attributes all = Attributes.ofResource(N1, "list", new GroupResource("", "pods"), "", "", "");
        assertEquals(
                "can only list/watch pods with spec.nodeName field selector",
                authorizer.authorize(all).reason());
        for (String node : List.of("n1", "n2")) {
            Attributes own = new Attributes(
                    N1,
                    "list",
                    "",
                    "",
                    "v1",
                    "pods",
                    "",
                    "",
                    true,
                    "",
                    List.of(new SelectorRequirement("spec.nodeName", "In", List.of(node))),
                    List.of());
            assertEquals(node.equals("n1"), authorizer.authorize(own).allowed());
        }
        Attributes others = new Attributes(
                N1,
                "list",
                "",
                "",
                "v1",
                "pods",
                "",
                "",
                true,
                "",
                List.of(new SelectorRequirement("spec.nodeName", "NotIn", List.of("n1"))),
                List.of());
        assertFalse(authorizer.authorize(others).allowed());
    }

    @Test
    void whoIsNoNodeIsNotItsBusiness() {
        UserInfo pretender = new UserInfo("system:node:n1", "", List.of("system:authenticated"), Map.of());
        assertEquals(
                Decision.NO_OPINION,
                authorizer.authorize(
                        Attributes.ofResource(pretender, "get", new GroupResource("", "secrets"), "", "ns", "env")));
        assertEquals(
                "unknown node for user \"system:node:\"",
                authorizer
                        .authorize(Attributes.ofResource(
                                node(""), "get", new GroupResource("", "secrets"), "", "ns", "env"))
                        .reason());
    }
}
