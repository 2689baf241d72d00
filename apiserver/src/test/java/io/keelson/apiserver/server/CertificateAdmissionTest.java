package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may approve and sign certificates, and labels of pods that come from their nodes, through a running server. */
final class CertificateAdmissionTest {
    private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
    private static final String SIGNER = "example.com/one";

    private static LiveUsers server;
    private static LiveUsers.User admin;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        server = LiveUsers.start(config(folder), folder.resolve("pki"));
        admin = server.admin();
    }

    /** With plugins that are off by default, and a configuration for one of those that are on. */
    private static ApiServerConfig config(Path folder) throws IOException {
        ApiServerConfig plain = ApiServerConfig.ephemeral();
        Path file = folder.resolve("admission.yaml");
        Files.writeString(file, """
                apiVersion: apiserver.config.k8s.io/v1
                kind: AdmissionConfiguration
                plugins:
                - name: PodSecurity
                  configuration:
                    apiVersion: pod-security.admission.config.k8s.io/v1
                    kind: PodSecurityConfiguration
                    defaults: {enforce: baseline}
                """);
        AdmissionSettings settings = plain.cluster()
                .admission()
                .with(List.of("OwnerReferencesPermissionEnforcement", "LimitPodHardAntiAffinityTopology"), List.of())
                .withConfiguration(AdmissionConfiguration.read(file));
        return new ApiServerConfig(
                plain.bindAddress(),
                plain.securePort(),
                null,
                null,
                null,
                null,
                plain.authorizationModes(),
                plain.anonymous(),
                plain.serviceRange(),
                plain.eventTimeToLive(),
                plain.requestTimeoutMin(),
                plain.cluster().withAdmission(settings));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String form(String name, String signer, String subject) throws Exception {
        return "{'metadata':{'name':'" + name + "'},'spec':{'signerName':'" + signer
                + "','usages':['client auth'],'request':'" + NodesTest.request(subject) + "'}}";
    }

    private static void allow(String role, String verb, String signer) {
        String rbac = "/apis/rbac.authorization.k8s.io/v1/";
        admin.post(rbac + "clusterroles", """
                {'metadata':{'name':'%s'},'rules':[
                 {'apiGroups':['certificates.k8s.io'],'resources':['signers'],'verbs':['%s'],'resourceNames':['%s']},
                 {'apiGroups':['certificates.k8s.io'],'verbs':['get','update','patch'],
                  'resources':['certificatesigningrequests/approval','certificatesigningrequests/status']}]}""".formatted(role, verb, signer)).succeeded();
        admin.post(rbac + "clusterrolebindings", """
                {'metadata':{'name':'%s'},'roleRef':{'apiGroup':'rbac.authorization.k8s.io','kind':'ClusterRole',
                 'name':'%s'},'subjects':[{'apiGroup':'rbac.authorization.k8s.io','kind':'User','name':'%s'}]}""".formatted(role, role, role))
                .succeeded();
    }

    private static ObjectNode withCondition(ObjectNode request, String type) {
        ObjectNode copy = request.deepCopy();
        String now = Instant.now().toString();
        copy.withObject("/status")
                .withArray("conditions")
                .addObject()
                .put("type", type)
                .put("status", "True")
                .put("reason", "test")
                .put("lastUpdateTime", now);
        return copy;
    }

    @Test
    void approvesForTheSignerThatItIsAllowedFor() throws Exception {
        ObjectNode request =
                admin.post(REQUESTS, form("a1", SIGNER, "CN=x")).succeeded().body();
        allow("approver-of-all", "approve", "example.com/*");
        allow("approver-of-two", "approve", "example.com/two");
        String approval = REQUESTS + "/a1/approval";
        assertEquals(
                "user not permitted to approve requests with signerName \"" + SIGNER + "\"",
                server.user("approver-of-two")
                        .put(approval, withCondition(request, "Approved"))
                        .refusal());
        server.user("approver-of-all")
                .put(approval, withCondition(request, "Approved"))
                .succeeded();
    }

    @Test
    void answersForTheSignerThatItIsAllowedFor() throws Exception {
        ObjectNode request =
                admin.post(REQUESTS, form("s1", SIGNER, "CN=x")).succeeded().body();
        allow("signer-of-one", "sign", SIGNER);
        allow("signer-of-two", "sign", "example.com/two");
        String status = REQUESTS + "/s1/status";
        assertEquals(
                "user not permitted to sign requests with signerName \"" + SIGNER + "\"",
                server.user("signer-of-two")
                        .put(status, withCondition(request, "Failed"))
                        .refusal());
        server.user("signer-of-two").put(status, request).succeeded();
        server.user("signer-of-one")
                .put(status, withCondition(admin.get(REQUESTS + "/s1").body(), "Failed"))
                .succeeded();
    }

    @Test
    void nobodyIsMadeAnAdministratorByACertificate() throws Exception {
        String signer = "kubernetes.io/kube-apiserver-client";
        assertEquals(
                "use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed",
                admin.post(REQUESTS, form("m1", signer, "O=system:masters,CN=x"))
                        .refusal());
        admin.post(REQUESTS, form("m2", signer, "O=others,CN=x")).succeeded();
        admin.post(REQUESTS, form("m3", SIGNER, "O=system:masters,CN=x")).succeeded();
    }

    @Test
    void aPodKnowsTheZoneOfItsNode() throws Exception {
        admin.post("/api/v1/nodes", """
                {'metadata':{'name':'zoned','labels':{'topology.kubernetes.io/zone':'z1','other':'o',
                 'topology.kubernetes.io/region':'r1'}}}""").succeeded();
        String pods = "/api/v1/namespaces/default/pods";
        String pod = "{'metadata':{'name':'%s'},'spec':{%s'containers':[{'name':'c','image':'i'}]}}";
        admin.post(pods, pod.formatted("bound", "")).succeeded();
        admin.post(pods + "/bound/binding", "{'metadata':{'name':'bound'},'target':{'kind':'Node','name':'zoned'}}")
                .succeeded();
        ObjectNode labels =
                (ObjectNode) admin.get(pods + "/bound").succeeded().body().at("/metadata/labels");
        assertEquals(
                "{\"topology.kubernetes.io/region\":\"r1\",\"topology.kubernetes.io/zone\":\"z1\"}", sorted(labels));
        assertEquals(
                "z1",
                admin.post(pods, pod.formatted("placed", "'nodeName':'zoned',"))
                        .succeeded()
                        .body()
                        .path("metadata")
                        .path("labels")
                        .path("topology.kubernetes.io/zone")
                        .asText());
    }

    @Test
    void ownersAreChangedOnlyByThoseWhoMayDelete() throws Exception {
        String maps = "/api/v1/namespaces/default/configmaps";
        String rbac = "/apis/rbac.authorization.k8s.io/v1/";
        admin.post(rbac + "clusterroles", """
                {'metadata':{'name':'mapper'},'rules':[{'apiGroups':[''],'resources':['configmaps'],
                 'verbs':['get','create','update','patch']}]}""").succeeded();
        admin.post(rbac + "clusterrolebindings", """
                {'metadata':{'name':'mapper'},'roleRef':{'apiGroup':'rbac.authorization.k8s.io','kind':'ClusterRole',
                 'name':'mapper'},'subjects':[{'apiGroup':'rbac.authorization.k8s.io','kind':'User','name':'mapper'}]}""").succeeded();
        LiveUsers.User mapper = server.user("mapper");
        String owner = "'ownerReferences':[{'apiVersion':'v1','kind':'Secret','name':'s','uid':'u'%s}]";
        String owned = "{'metadata':{'name':'%s'," + owner + "}}";
        mapper.post(maps, owned.formatted("owned", "")).succeeded();
        assertEquals(
                "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ,"
                        + " <nil>",
                mapper.post(maps, owned.formatted("blocking", ",'blockOwnerDeletion':true"))
                        .refusal());
        assertEquals(
                "cannot set an ownerRef on a resource you can't delete: , <nil>",
                mapper.merge(maps + "/owned", "{'metadata':{'ownerReferences':null}}")
                        .refusal());
        mapper.merge(maps + "/owned", "{'data':{'a':'b'}}").succeeded();
        admin.post(maps, owned.formatted("blocking", ",'blockOwnerDeletion':true"))
                .succeeded();
    }

    @Test
    void aPodKeepsOthersOffNoMoreThanItsNodeAndIsHeldToTheStandardOfTheFile() {
        String pods = "/api/v1/namespaces/default/pods";
        assertEquals(
                "affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey zone but only key"
                        + " kubernetes.io/hostname is allowed",
                admin.post(pods, """
                        {'metadata':{'name':'spread'},'spec':{'containers':[{'name':'c','image':'i'}],'affinity':
                         {'podAntiAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':[{'topologyKey':'zone',
                          'labelSelector':{'matchLabels':{'a':'b'}}}]}}}}""").refusal());
        assertTrue(admin.post(pods, """
                        {'metadata':{'name':'host'},'spec':{'hostNetwork':true,
                         'containers':[{'name':'c','image':'i'}]}}""").refusal().startsWith("violates PodSecurity \"baseline:latest\""));
    }

    private static String sorted(ObjectNode labels) {
        ObjectNode sorted = labels.objectNode();
        labels.properties().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> sorted.set(entry.getKey(), entry.getValue()));
        return sorted.toString();
    }
}
