package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.audit.AuditSettings;
import io.keelson.apiserver.certs.SigningKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.function.IntSupplier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes with certificates of their own may do what their pods need, through a running server. */
final class NodesTest {
    private static final String PODS = "/api/v1/namespaces/default/pods";
    private static final String SECRETS = "/api/v1/namespaces/default/secrets/";
    private static final String NODES = "/api/v1/nodes";

    private static LiveUsers server;
    private static LiveUsers.User admin;
    private static LiveUsers.User one;
    private static LiveUsers.User two;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        server = LiveUsers.start(ApiServerConfig.ephemeral(), folder.resolve("pki"));
        admin = server.admin();
        one = server.node("one");
        two = server.node("two");
        admin.post("/api/v1/namespaces/default/serviceaccounts", "{'metadata':{'name':'bot'}}")
                .succeeded();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** What nodes may see follows what there is a moment later. */
    private static void await(int code, IntSupplier asked) throws Exception {
        Deadline.await(() -> asked.getAsInt() == code);
    }

    private static String pod(String name, String node, String more) {
        return "{'metadata':{'name':'" + name + "'},'spec':{'nodeName':'" + node
                + "','containers':[{'name':'c','image':'i'}]" + more + "}}";
    }

    private static void secret(String name) {
        admin.post(SECRETS, "{'metadata':{'name':'" + name + "'},'stringData':{'a':'b'}}")
                .succeeded();
    }

    private static String using(String secret) {
        return ",'volumes':[{'name':'v','secret':{'secretName':'" + secret + "'}}]";
    }

    @Test
    void readsTheSecretsOfItsPodsAndOnlyAsLongAsTheyAreThere() throws Exception {
        secret("s1");
        assertEquals(403, one.get(SECRETS + "s1").code());
        admin.post(PODS, pod("reader", "one", using("s1"))).succeeded();
        await(200, () -> one.get(SECRETS + "s1").code());
        assertEquals(
                "User \"system:node:two\" cannot get resource \"secrets\" in API group \"\" in the namespace"
                        + " \"default\": no relationship found between node 'two' and this object",
                two.get(SECRETS + "s1").refusal());
        assertEquals(200, one.get(SECRETS + "?fieldSelector=metadata.name=s1").code());
        assertEquals(403, one.get(SECRETS).code());
        assertEquals(403, one.delete(SECRETS + "s1").code());
        one.delete(PODS + "/reader?gracePeriodSeconds=0").succeeded();
        await(403, () -> one.get(SECRETS + "s1").code());
    }

    @Test
    void readsTheSecretOfAVolumeBehindAClaim() throws Exception {
        secret("stage");
        admin.post("/api/v1/persistentvolumes", """
                {'metadata':{'name':'pv'},'spec':{'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteOnce'],
                 'claimRef':{'namespace':'default','name':'claim'},
                 'csi':{'driver':'d.example.com','volumeHandle':'h',
                        'nodeStageSecretRef':{'namespace':'default','name':'stage'}}}}""").succeeded();
        admin.post(
                        PODS,
                        pod(
                                "storing",
                                "two",
                                ",'volumes':[{'name':'v','persistentVolumeClaim':{'claimName':'claim'}}]"))
                .succeeded();
        await(200, () -> two.get(SECRETS + "stage").code());
        assertEquals(200, two.get("/api/v1/persistentvolumes/pv").code());
        assertEquals(403, one.get("/api/v1/persistentvolumes/pv").code());
    }

    @Test
    void aMirrorPodOpensNothing() throws Exception {
        secret("hidden");
        secret("seen");
        String mirror = pod("mirror", "one", using("hidden"))
                .replace("'name':'mirror'", "'name':'mirror','annotations':{'kubernetes.io/config.mirror':'x'}");
        admin.post(PODS, mirror).succeeded();
        admin.post(PODS, pod("later", "one", using("seen"))).succeeded();
        await(200, () -> one.get(SECRETS + "seen").code());
        assertEquals(200, one.get(PODS + "/mirror").code());
        assertEquals(403, one.get(SECRETS + "hidden").code());
    }

    @Test
    void listsPodsByItsOwnName() throws Exception {
        admin.post(PODS, pod("listed", "one", "")).succeeded();
        String of = "/api/v1/pods?fieldSelector=spec.nodeName";
        assertTrue(one.get(of + "%3Done").succeeded().body().toString().contains("\"listed\""));
        assertEquals(403, one.get(of + "%3Dtwo").code());
        assertEquals(403, one.get(of + "!%3Dtwo").code());
        assertTrue(one.get("/api/v1/pods")
                .refusal()
                .endsWith("can only list/watch pods with spec.nodeName field selector"));
    }

    @Test
    void changesOnlyItsOwnNodeAndNotItsTaintsOrRestrictedLabels() {
        assertEquals(
                "node \"one\" is not allowed to modify node \"three\"",
                one.post(NODES, "{'metadata':{'name':'three'}}").refusal());
        assertEquals(
                "node \"one\" is not allowed to set the following labels: example.k8s.io/a,"
                        + " node-restriction.kubernetes.io/b",
                one.post(NODES, """
                        {'metadata':{'name':'one','labels':{'node-restriction.kubernetes.io/b':'','example.k8s.io/a':'',
                         'kubernetes.io/hostname':'one','x.node.kubernetes.io/y':'','mine':'1'}}}""").refusal());
        one.post(NODES, "{'metadata':{'name':'one','labels':{'kubernetes.io/hostname':'one','mine':'1'}}}")
                .succeeded();
        one.merge(NODES + "/one", "{'metadata':{'labels':{'mine':'2'}}}").succeeded();
        assertEquals(
                "is not allowed to modify labels: kubernetes.io/role",
                one.merge(NODES + "/one", "{'metadata':{'labels':{'kubernetes.io/role':'x'}}}")
                        .refusal());
        assertEquals(
                "node \"one\" is not allowed to modify taints",
                one.merge(NODES + "/one", "{'spec':{'taints':[]}}").refusal());
        one.merge(NODES + "/one/status", "{'status':{'conditions':[{'type':'Ready','status':'True'}]}}")
                .succeeded();
        assertEquals(
                "node \"two\" is not allowed to modify node \"one\"",
                two.merge(NODES + "/one/status", "{'status':{'conditions':[]}}").refusal());
        assertEquals(403, two.get(NODES + "/one").code());
    }

    /** It would be deleted with its owner, and come back with other labels. */
    @Test
    void cve20255187ANodeGivesItselfNoOwner() throws Exception {
        LiveUsers.User owned = server.node("owned");
        owned.post(NODES, "{'metadata':{'name':'owned'}}").succeeded();
        String owner = "{'metadata':{'ownerReferences':[{'apiVersion':'v1','kind':'ConfigMap','name':'n','uid':'u'}]}}";
        for (String path : List.of(NODES + "/owned", NODES + "/owned/status")) {
            assertEquals(
                    "node \"owned\" is not allowed to modify ownerReferences",
                    owned.merge(path, owner).refusal(),
                    path);
        }
    }

    /** The claims of its mirror pods would be the node's to read. */
    @Test
    void cve20254563AMirrorPodNamesNoClaimsForDevices() throws Exception {
        LiveUsers.User mirrors = server.node("mirrors");
        String uid = mirrors.post(NODES, "{'metadata':{'name':'mirrors'}}")
                .succeeded()
                .text("/metadata/uid");
        String pod =
                "{'metadata':{'name':'m-claims','annotations':{'kubernetes.io/config.mirror':'x'},'ownerReferences':"
                        + "[{'apiVersion':'v1','kind':'Node','name':'mirrors','uid':'" + uid + "','controller':true}]},"
                        + "'spec':{'nodeName':'mirrors','containers':[{'name':'c','image':'i'}],"
                        + "'resourceClaims':[{'name':'r','resourceClaimName':'x'}]}}";
        assertEquals(
                "node \"mirrors\" can not create pods that reference resourceclaims",
                mirrors.post(PODS, pod).refusal());
    }

    @Test
    void createsMirrorPodsOfItsOwnOnly() throws Exception {
        LiveUsers.User four = server.node("four");
        String uid =
                four.post(NODES, "{'metadata':{'name':'four'}}").succeeded().text("/metadata/uid");
        String good =
                "{'metadata':{'name':'m-four','annotations':{'kubernetes.io/config.mirror':'x'},'ownerReferences':"
                        + "[{'apiVersion':'v1','kind':'Node','name':'four','uid':'" + uid + "','controller':true}]},"
                        + "'spec':{'nodeName':'four','containers':[{'name':'c','image':'i'}]}}";
        String start = "node \"four\" can ";
        assertEquals(
                "pod does not have \"kubernetes.io/config.mirror\" annotation, node \"four\" can only create mirror pods",
                four.post(PODS, good.replace("kubernetes.io/config.mirror", "other"))
                        .refusal());
        assertEquals(
                start + "only create pods with spec.nodeName set to itself",
                four.post(PODS, good.replace("'nodeName':'four'", "'nodeName':'one'"))
                        .refusal());
        assertEquals(
                start + "only create pods with a controller owner reference set to itself",
                four.post(PODS, good.replace(",'controller':true", "")).refusal());
        assertEquals(
                start + "not create pods that reference secrets",
                four.post(PODS, good.replace("}]}}", "}]" + using("s") + "}}")).refusal());
        assertEquals(
                start + "not create pods that reference persistentvolumeclaims",
                four.post(
                                PODS,
                                good.replace(
                                        "}]}}",
                                        "}],'volumes':[{'name':'v','persistentVolumeClaim':{'claimName':'c'}}]}}"))
                        .refusal());
        String wrong = "11111111-1111-1111-1111-111111111111";
        assertEquals(
                "node four UID mismatch: expected " + wrong + " got " + uid,
                four.post(PODS, good.replace(uid, wrong)).refusal());
        four.post(PODS, good).succeeded();
        assertEquals(
                "node \"two\" can only delete pods with spec.nodeName set to itself",
                two.delete(PODS + "/m-four").refusal());
        assertEquals(
                "node \"two\" can only update pod status for pods with spec.nodeName set to itself",
                two.merge(PODS + "/m-four/status", "{'status':{'phase':'Running'}}")
                        .refusal());
        assertEquals(
                "node two can only evict pods with spec.nodeName set to itself",
                two.post(PODS + "/m-four/eviction", "{'metadata':{'name':'m-four'}}")
                        .refusal());
        four.merge(PODS + "/m-four/status", "{'status':{'phase':'Running'}}").succeeded();
        assertEquals(
                "node \"four\" cannot update labels through pod status",
                four.merge(PODS + "/m-four/status", "{'metadata':{'labels':{'a':'b'}}}")
                        .refusal());
        four.delete(PODS + "/m-four?gracePeriodSeconds=0").succeeded();
    }

    @Test
    void asksForTokensOfItsPodsAndForWhomTheyAreMeant() throws Exception {
        String volume = ",'serviceAccountName':'bot','volumes':[{'name':'t','projected':{'sources':"
                + "[{'serviceAccountToken':{'audience':'vault','path':'p'}}]}}]";
        String uid = admin.post(PODS, pod("asking", "one", volume)).succeeded().text("/metadata/uid");
        String path = "/api/v1/namespaces/default/serviceaccounts/bot/token";
        String vault = "{'spec':{'audiences':['vault'],'boundObjectRef':"
                + "{'apiVersion':'v1','kind':'Pod','name':'asking','uid':'" + uid + "'}}}";
        await(201, () -> one.post(path, vault).code());
        assertEquals(403, two.post(path, vault).code());
        assertEquals(
                "node requested token not bound to a pod",
                one.post(path, "{'spec':{}}").refusal());
        assertEquals(
                "node requested token with a pod binding without a uid",
                one.post(path, vault.replace(",'uid':'" + uid + "'", "")).refusal());
        assertEquals(
                "node may only request 0 or 1 audiences",
                one.post(path, vault.replace("['vault']", "['vault','x']")).refusal());
        String bank = vault.replace("['vault']", "['bank']");
        assertEquals(
                "audience \"bank\" not found in pod spec volume, system:node:one is not authorized to request tokens"
                        + " for this audience",
                one.post(path, bank).refusal());
        String rbac = "/apis/rbac.authorization.k8s.io/v1/";
        admin.post(rbac + "clusterroles", """
                {'metadata':{'name':'bank'},'rules':[{'apiGroups':[''],'resources':['bank'],'resourceNames':['bot'],
                 'verbs':['request-serviceaccounts-token-audience']}]}""").succeeded();
        admin.post(rbac + "clusterrolebindings", """
                {'metadata':{'name':'bank'},'roleRef':{'apiGroup':'rbac.authorization.k8s.io','kind':'ClusterRole',
                 'name':'bank'},'subjects':[{'apiGroup':'rbac.authorization.k8s.io','kind':'Group',
                 'name':'system:nodes'}]}""").succeeded();
        await(201, () -> one.post(path, bank).code());
        admin.post("/apis/storage.k8s.io/v1/csidrivers", """
                {'metadata':{'name':'c.example.com'},'spec':{'tokenRequests':[{'audience':'cloud'}]}}""").succeeded();
        String other = admin.post(PODS, pod("mounting", "one", """
                        ,'serviceAccountName':'bot','volumes':[{'name':'t','csi':{'driver':'c.example.com'}}]""")).succeeded().text("/metadata/uid");
        String cloud = vault.replace("'vault'", "'cloud'").replace(uid, other).replace("asking", "mounting");
        await(201, () -> one.post(path, cloud).code());
    }

    @Test
    void writesOnlyItsOwnLeaseCsiNodeAndSlices() {
        String leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
        one.post(leases, "{'metadata':{'name':'one'},'spec':{'holderIdentity':'one'}}")
                .succeeded();
        assertEquals(
                "can only access node lease with the same name as the requesting node",
                two.post(leases, "{'metadata':{'name':'one'}}").refusal());
        assertEquals(403, two.get(leases + "/one").code());
        assertEquals(200, one.get(leases + "/one").code());
        String csiNodes = "/apis/storage.k8s.io/v1/csinodes";
        assertEquals(
                "can only access CSINode with the same name as the requesting node",
                two.post(csiNodes, "{'metadata':{'name':'one'},'spec':{'drivers':[]}}")
                        .refusal());
        one.post(csiNodes, "{'metadata':{'name':'one'},'spec':{'drivers':[]}}").succeeded();
        String slices = "/apis/resource.k8s.io/v1/resourceslices";
        String slice = "{'metadata':{'name':'s-one'},'spec':{'driver':'d.example.com','nodeName':'one',"
                + "'pool':{'name':'one','generation':1,'resourceSliceCount':1}}}";
        assertEquals(
                "can only create ResourceSlice with the same NodeName as the requesting node",
                two.post(slices, slice).refusal());
        one.post(slices, slice).succeeded();
        assertEquals(200, one.get(slices + "?fieldSelector=spec.nodeName%3Done").code());
        assertEquals(403, two.get(slices + "?fieldSelector=spec.nodeName%3Done").code());
    }

    @Test
    void readsOnlyAttachmentsOfItsOwn() throws Exception {
        String attachments = "/apis/storage.k8s.io/v1/volumeattachments";
        admin.post(attachments, """
                {'metadata':{'name':'att'},'spec':{'attacher':'a.example.com','nodeName':'two',
                 'source':{'persistentVolumeName':'pv'}}}""").succeeded();
        await(200, () -> two.get(attachments + "/att").code());
        assertEquals(403, one.get(attachments + "/att").code());
    }

    @Test
    void asksForCertificatesInItsOwnNameOnly() throws Exception {
        String requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
        String form = "{'metadata':{'name':'%s'},'spec':{'request':'%s','usages':['digital signature','client auth'],"
                + "'signerName':'kubernetes.io/kube-apiserver-client-kubelet'}}";
        assertEquals(
                "can only create a node CSR with CN=system:node:one",
                one.post(requests, form.formatted("r1", request("O=system:nodes,CN=system:node:two")))
                        .refusal());
        one.post(requests, form.formatted("r2", request("O=system:nodes,CN=system:node:one")))
                .succeeded();
    }

    /** A request for a certificate, in PEM and base64. */
    static String request(String subject) throws Exception {
        var pair = SigningKey.EC_P256.generate();
        byte[] content = new JcaPKCS10CertificationRequestBuilder(new X500Name(subject), pair.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
                .getEncoded();
        String pem = "-----BEGIN CERTIFICATE REQUEST-----\n"
                + Base64.getMimeEncoder().encodeToString(content)
                + "\n-----END CERTIFICATE REQUEST-----\n";
        return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void mayChangeOfAClaimOnlyWhatItMeasures() throws Exception {
        String claims = "/api/v1/namespaces/default/persistentvolumeclaims";
        admin.post(claims, """
                {'metadata':{'name':'grown'},'spec':{'accessModes':['ReadWriteOnce'],
                 'resources':{'requests':{'storage':'1Gi'}}}}""").succeeded();
        admin.post(
                        PODS,
                        pod(
                                "growing",
                                "one",
                                ",'volumes':[{'name':'v','persistentVolumeClaim':{'claimName':'grown'}}]"))
                .succeeded();
        await(200, () -> one.get(claims + "/grown").code());
        one.merge(claims + "/grown/status", "{'status':{'capacity':{'storage':'1Gi'}}}")
                .succeeded();
        assertEquals(
                "node \"one\" is not allowed to update fields other than status.quantity and status.conditions",
                one.merge(claims + "/grown/status", "{'status':{'phase':'Bound'}}")
                        .refusal());
        assertEquals(
                403,
                two.merge(claims + "/grown/status", "{'status':{'capacity':{}}}")
                        .code());
    }

    @Test
    void aFileMayNameTheAuthorizer(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("authorization.yaml"), """
                apiVersion: apiserver.config.k8s.io/v1
                kind: AuthorizationConfiguration
                authorizers: [{type: Node, name: node}, {type: RBAC, name: rbac}]
                """);
        ApiServerConfig plain = ApiServerConfig.ephemeral();
        ApiServerConfig config = new ApiServerConfig(
                plain.bindAddress(),
                plain.securePort(),
                null,
                null,
                null,
                null,
                List.of("RBAC"),
                plain.anonymous(),
                plain.serviceRange(),
                plain.eventTimeToLive(),
                plain.requestTimeoutMin(),
                plain.cluster()
                        .withAccess(new AccessSettings(
                                AuthenticationSettings.DEFAULT,
                                new AuthorizationSettings(file, null, null),
                                AuditSettings.NONE)));
        try (LiveUsers other = LiveUsers.start(config, folder.resolve("pki"))) {
            LiveUsers.User six = other.node("six");
            other.admin().post(PODS, pod("there", "six", "")).succeeded();
            await(200, () -> six.get(PODS + "/there").code());
            assertEquals(
                    "node \"six\" is not allowed to modify node \"seven\"",
                    six.post(NODES, "{'metadata':{'name':'seven'}}").refusal());
        }
    }

    @Test
    void anUnknownNodeAndOneThatIsNoneAreRefused() throws Exception {
        LiveUsers.User nameless = server.user("system:node:", "system:nodes");
        assertTrue(nameless.get(NODES + "/one").refusal().endsWith("unknown node for user \"system:node:\""));
        LiveUsers.User pretender = server.user("system:node:one");
        assertEquals(403, pretender.get(NODES + "/one").code());
        ObjectNode node =
                admin.post(NODES, "{'metadata':{'name':'five'}}").succeeded().body();
        assertEquals(403, pretender.put(NODES + "/five", node).code());
    }
}
