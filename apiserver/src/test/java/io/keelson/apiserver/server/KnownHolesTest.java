package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Holes that API servers once had, tried on a running one: bodies that grow, ways around authorization and around admission.
 * Each is a test named after its advisory; those of connections and backends are {@code HostileHttp1Test}, {@code
 * HostileHttp2Test} and {@code HostileBackendsTest}, and docs/threats.md has the whole table.
 */
final class KnownHolesTest {
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private static final String ROLES = "/apis/rbac.authorization.k8s.io/v1/";
    private static final Duration SOON = Duration.ofSeconds(10);

    private static LiveUsers server;
    private static LiveUsers.User admin;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        server = LiveUsers.start(ApiServerConfig.ephemeral(), folder.resolve("pki"));
        admin = server.admin();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Sends what must be refused, and soon; the server is as well as before. */
    private static String refused(int code, String method, String path, String type, String body) {
        long begin = System.nanoTime();
        LiveUsers.Answer answer = admin.send(method, path, type, body);
        Duration taken = Duration.ofNanos(System.nanoTime() - begin);
        assertEquals(code, answer.code(), () -> answer.body().toString());
        assertTrue(taken.compareTo(SOON) < 0, () -> "it took " + taken);
        assertEquals(200, admin.get("/readyz").code());
        return answer.message();
    }

    private static void namespace(String name, String labels) {
        admin.post("/api/v1/namespaces", "{'metadata':{'name':'" + name + "','labels':{" + labels + "}}}")
                .succeeded();
    }

    private static void definition(String plural, String kind, String scope) throws Exception {
        admin.post(
                        DEFINITIONS,
                        "{'metadata':{'name':'" + plural + ".holes.example.com'},'spec':{"
                                + "'group':'holes.example.com','scope':'" + scope + "','names':{'plural':'" + plural
                                + "','kind':'" + kind + "'},'versions':[{'name':'v1','served':true,'storage':true,"
                                + "'schema':{'openAPIV3Schema':{'type':'object'}}}]}}")
                .succeeded();
    }

    @Test
    void cve201911253AliasesThatMultiplyAreRefused() {
        StringBuilder bomb = new StringBuilder("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\ndata:\n");
        bomb.append("  a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 12; i++) {
            bomb.append("  a" + i + ": &a" + i + " [" + ("*a" + (i - 1) + ",").repeat(10) + "]\n");
        }
        String message = refused(400, "POST", MAPS, "application/yaml", bomb.toString());
        assertTrue(message.contains("excessive aliasing"), message);
        message = refused(400, "PATCH", MAPS + "/bomb?fieldManager=m", "application/apply-patch+yaml", bomb.toString());
        assertTrue(message.contains("excessive aliasing"), message);
    }

    @Test
    void cve201911254YamlOfColonsTakesNoTime() {
        // Each of them might begin a key: whoever looks back at all before is slow.
        String colons = "a: [" + "{a: ".repeat(200_000);
        refused(400, "POST", MAPS, "application/yaml", colons);
        refused(400, "POST", MAPS, "application/yaml", "? ".repeat(400_000));
        refused(400, "POST", MAPS, "application/yaml", "- ".repeat(400_000));
    }

    @Test
    void jsonOfGreatDepthIsRefused() {
        String message = refused(400, "POST", MAPS, "application/json", "{'a':".repeat(100_000));
        assertTrue(message.contains("exceeded max depth"), message);
        refused(400, "POST", MAPS, "application/json", "{'data':" + "[".repeat(1_000_000));
    }

    @Test
    void fieldsThatComeTwiceAreTheLastOneAndToldOf() {
        String twice = "{'metadata':{'name':'twice'},'data':{'a':'1','a':'2'}}";
        String message = refused(400, "POST", MAPS + "?fieldValidation=Strict", "application/json", twice);
        assertTrue(message.contains("duplicate field \"data.a\""), message);
        LiveUsers.Answer answer = admin.post(MAPS, twice).succeeded();
        // What admission has seen, what is stored, and what is answered is one and the same.
        assertEquals("2", answer.text("/data/a"));
        assertEquals("2", admin.get(MAPS + "/twice").text("/data/a"));
        assertEquals("299 - \"duplicate field \\\"data.a\\\"\"", answer.header("Warning"));
    }

    @Test
    void cve20191002100AJsonPatchHasTenThousandOperationsAtMost() {
        admin.post(MAPS, "{'metadata':{'name':'patched'},'data':{'a':'1'}}").succeeded();
        String one = "{'op':'add','path':'/data/a','value':'1'},";
        String message = refused(
                413,
                "PATCH",
                MAPS + "/patched",
                "application/json-patch+json",
                "[" + one.repeat(10_001).replaceAll(",$", "") + "]");
        assertEquals(
                "Request entity is too large: The allowed maximum operations in a JSON patch is 10000, got 10001",
                message);
    }

    @Test
    void copiesThatMultiplyAreRefused() {
        admin.post(MAPS, "{'metadata':{'name':'copied'},'data':{'a':'1'}}").succeeded();
        StringBuilder patch = new StringBuilder("[{'op':'add','path':'/x','value':['xxxxxxxxxxxxxxxx']}");
        for (int i = 0; i < 40; i++) {
            patch.append(",{'op':'copy','from':'/x','path':'/x/-'}");
        }
        refused(422, "PATCH", MAPS + "/copied", "application/json-patch+json", patch + "]");
    }

    @Test
    void hugeSelectorsAreReadInLittleTime() {
        String many = "a%20in%20(" + "v,".repeat(60_000) + "v)";
        long begin = System.nanoTime();
        assertEquals(200, admin.get(MAPS + "?labelSelector=" + many).code());
        refused(400, "GET", MAPS + "?labelSelector=" + "(".repeat(200_000), "", "");
        refused(400, "GET", MAPS + "?labelSelector=" + "a,".repeat(200_000), "", "");
        assertTrue(Duration.ofNanos(System.nanoTime() - begin).compareTo(SOON) < 0);
    }

    /** Objects of the whole cluster, asked for with rights that end at a namespace. */
    @Test
    void cve201911247ANamespaceLeadsToNothingOfTheCluster() throws Exception {
        definition("wides", "Wide", "Cluster");
        String wides = "/apis/holes.example.com/v1/wides";
        Deadline.await(() -> admin.get(wides).code() == 200);
        admin.post(wides, "{'apiVersion':'holes.example.com/v1','kind':'Wide','metadata':{'name':'w'}}")
                .succeeded();
        String rules = "'rules':[{'apiGroups':['holes.example.com','rbac.authorization.k8s.io',''],"
                + "'resources':['*'],'verbs':['*']}]";
        admin.post(ROLES + "namespaces/default/roles", "{'metadata':{'name':'all-here'}," + rules + "}")
                .succeeded();
        admin.post(
                        ROLES + "namespaces/default/rolebindings",
                        "{'metadata':{'name':'all-here'},'subjects':[{'kind':'User','name':'local'}],"
                                + "'roleRef':{'apiGroup':'rbac.authorization.k8s.io','kind':'Role','name':'all-here'}}")
                .succeeded();
        LiveUsers.User local = server.user("local");
        Deadline.await(() -> local.get(MAPS).code() == 200);
        String here = "/apis/holes.example.com/v1/namespaces/default/wides";
        for (String path : List.of(here, here + "/w")) {
            assertEquals(404, local.get(path).code(), path);
        }
        assertEquals(
                404,
                local.merge(here + "/w", "{'metadata':{'labels':{'a':'b'}}}").code());
        assertEquals(404, local.delete(here + "/w").code());
        assertEquals(403, local.get(wides + "/w").code());
        assertEquals(404, local.get("/api/v1/namespaces/default/nodes").code());
        assertEquals(404, local.get(ROLES + "namespaces/default/clusterroles").code());
        assertEquals(
                "{}",
                admin.get(wides + "/w").body().at("/metadata").path("labels").asText("{}"));
    }

    /** One kind for all namespaces is allowed; dots for a namespace would lead to the other kinds of the group. */
    @Test
    void cve20223162DotsForANamespaceLeadToNoOtherKind() throws Exception {
        definition("opens", "Open", "Namespaced");
        definition("closeds", "Closed", "Namespaced");
        String group = "/apis/holes.example.com/v1/";
        Deadline.await(() -> admin.get(group + "opens").code() == 200
                && admin.get(group + "closeds").code() == 200);
        admin.post(
                        group + "namespaces/default/closeds",
                        "{'apiVersion':'holes.example.com/v1','kind':'Closed','metadata':{'name':'told-to-nobody'}}")
                .succeeded();
        admin.post(
                        ROLES + "clusterroles",
                        "{'metadata':{'name':'opens'},'rules':[{'apiGroups':['holes.example.com'],"
                                + "'resources':['opens'],'verbs':['get','list','watch']}]}")
                .succeeded();
        admin.post(
                        ROLES + "clusterrolebindings",
                        "{'metadata':{'name':'opens'},'subjects':[{'kind':'User','name':'reader'}],'roleRef':"
                                + "{'apiGroup':'rbac.authorization.k8s.io','kind':'ClusterRole','name':'opens'}}")
                .succeeded();
        LiveUsers.User reader = server.user("reader");
        Deadline.await(() -> reader.get(group + "opens").code() == 200);
        for (String path : List.of(
                "namespaces/%2e%2e/opens",
                "namespaces/..%2fcloseds/opens",
                "namespaces/..%2fcloseds%2fdefault/opens/told-to-nobody",
                "namespaces/%2e%2e%2fcloseds%2fdefault/opens",
                "namespaces/default/opens/..%2f..%2fcloseds%2fdefault%2ftold-to-nobody",
                "namespaces/default/closeds/told-to-nobody",
                "opens?fieldSelector=metadata.namespace%3D..%2fcloseds%2fdefault")) {
            LiveUsers.Answer answer = reader.get(group + path);
            assertFalse(
                    new String(answer.response().body(), StandardCharsets.UTF_8)
                            .contains("told-to-nobody\",\"namespace"),
                    path);
            assertTrue(answer.code() >= 400 || answer.body().path("items").isEmpty(), path);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", ".", "a/b", "../../secrets/default/x", "a%2fb", "a\\u0000b", "A", "a\\nb"})
    void cve20155305NamesAreNoPaths(String name) {
        String before = admin.get("/api/v1/namespaces/default/secrets")
                .body()
                .path("items")
                .toString();
        refused(422, "POST", MAPS, "application/json", "{'metadata':{'name':'" + name + "'}}");
        assertEquals(
                before,
                admin.get("/api/v1/namespaces/default/secrets")
                        .body()
                        .path("items")
                        .toString());
    }

    @Test
    void cve20161905APatchIsJudgedByWhatItMakes() throws Exception {
        namespace("patched", "");
        admin.post(
                        "/api/v1/namespaces/patched/resourcequotas",
                        "{'metadata':{'name':'none'},'spec':{'hard':{'services.nodeports':'0'}}}")
                .succeeded();
        admin.merge(
                        "/api/v1/namespaces/patched/resourcequotas/none/status",
                        "{'status':{'hard':{'services.nodeports':'0'},'used':{'services.nodeports':'0'}}}")
                .succeeded();
        String services = "/api/v1/namespaces/patched/services";
        admin.post(services, "{'metadata':{'name':'s'},'spec':{'ports':[{'port':80}]}}")
                .succeeded();
        Deadline.await(() -> admin.merge(services + "/s?dryRun=All", "{'spec':{'type':'NodePort'}}")
                        .code()
                == 403);
        for (String type : List.of("application/merge-patch+json", "application/strategic-merge-patch+json")) {
            LiveUsers.Answer answer = admin.send("PATCH", services + "/s", type, "{'spec':{'type':'NodePort'}}");
            assertTrue(answer.refusal().startsWith("exceeded quota: none"), answer.message());
        }
        LiveUsers.Answer applied = admin.send(
                "PATCH",
                services + "/s?fieldManager=m&force=true",
                "application/apply-patch+yaml",
                "{'apiVersion':'v1','kind':'Service','metadata':{'name':'s'},'spec':{'type':'NodePort'}}");
        assertTrue(applied.refusal().startsWith("exceeded quota: none"), applied.message());
    }

    private static String ephemeral(String container) {
        return "{'spec':{'ephemeralContainers':[{'name':'e','image':'i'" + container + "}]}}";
    }

    private static LiveUsers.Answer look(String namespace, String container) {
        return admin.send(
                "PATCH",
                "/api/v1/namespaces/" + namespace + "/pods/p/ephemeralcontainers",
                "application/strategic-merge-patch+json",
                ephemeral(container));
    }

    /** Admission that looks at a Pod's images looks at those that are added later, too. */
    @Test
    void cve20232727EphemeralContainersPassAdmission() throws Exception {
        namespace("images", "'pod-security.kubernetes.io/enforce':'baseline'");
        String policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
        admin.post(policies, """
                {'metadata':{'name':'images'},'spec':{'matchConstraints':{'resourceRules':[{'apiGroups':[''],'apiVersions':['v1'],
                 'operations':['CREATE','UPDATE'],'resources':['pods','pods/ephemeralcontainers']}]},
                 'validations':[{'message':'image','expression':
                  'object.metadata.namespace != \\'images\\' || !has(object.spec.ephemeralContainers) ||
                    object.spec.ephemeralContainers.all(c, c.image != \\'bad\\')'}]}}""".replace("\\'", "\\u0027").replace("\n", " ")).succeeded();
        admin.post(
                        policies.replace("policies", "policybindings"),
                        "{'metadata':{'name':'images'},'spec':{'policyName':'images','validationActions':['Deny']}}")
                .succeeded();
        admin.post(
                        "/api/v1/namespaces/images/pods",
                        "{'metadata':{'name':'p'},'spec':{'automountServiceAccountToken':false,"
                                + "'containers':[{'name':'c','image':'i'}]}}")
                .succeeded();
        assertTrue(look("images", ",'securityContext':{'privileged':true}")
                .refusal()
                .startsWith("violates PodSecurity \"baseline:latest\": privileged"));
        Deadline.await(() -> {
            LiveUsers.Answer answer = admin.send(
                    "PATCH",
                    "/api/v1/namespaces/images/pods/p/ephemeralcontainers?dryRun=All",
                    "application/strategic-merge-patch+json",
                    "{'spec':{'ephemeralContainers':[{'name':'e','image':'bad'}]}}");
            return answer.code() == 422 && answer.message().contains("image");
        });
        look("images", "").succeeded();
    }

    /** A ServiceAccount whose Pods may use but its own Secrets. */
    private static void strictAccount(ApiServer strict, String namespace) throws Exception {
        try (Caller caller = Caller.admin(strict)) {
            caller.post("/api/v1/namespaces", "{\"metadata\":{\"name\":\"" + namespace + "\"}}")
                    .succeeded();
            caller.post(
                            "/api/v1/namespaces/" + namespace + "/serviceaccounts",
                            "{\"metadata\":{\"name\":\"strict\",\"annotations\":{"
                                    + "\"kubernetes.io/enforce-mountable-secrets\":\"true\"}}}")
                    .succeeded();
        }
    }

    @Test
    void cve20232728AndCve20243177SecretsOfOthersAreNotMountedByTheBackDoor(@TempDir Path folder) throws Exception {
        try (ApiServer strict = ApiServer.start(Flags.config(folder, "--enable-admission-plugins=ServiceAccount"));
                Caller caller = Caller.admin(strict)) {
            strictAccount(strict, "mine");
            String pods = "/api/v1/namespaces/mine/pods";
            String pod = "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"serviceAccountName\":\"strict\","
                    + "\"automountServiceAccountToken\":false,\"containers\":[{\"name\":\"c\",\"image\":\"i\"%s}]}}";
            String key =
                    ",\"env\":[{\"name\":\"A\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"other\",\"key\":\"k\"}}}]";
            String from = ",\"envFrom\":[{\"secretRef\":{\"name\":\"other\"}}]";
            for (String door : List.of(key, from)) {
                Caller.Answer refused = caller.post(pods, pod.formatted(door));
                assertEquals(403, refused.code(), refused.text());
                assertTrue(refused.text().contains("does not reference that secret"), refused.text());
            }
            caller.post(pods, pod.formatted("")).succeeded();
            for (String door : List.of(key, from)) {
                Caller.Answer refused = caller.call(
                        "PATCH",
                        pods + "/p/ephemeralcontainers",
                        "{\"spec\":{\"ephemeralContainers\":[{\"name\":\"e\",\"image\":\"i\"" + door + "}]}}",
                        "Content-Type",
                        "application/strategic-merge-patch+json");
                assertTrue(refused.text().contains("does not reference that secret"), refused.text());
            }
        }
    }

    /** What is shown to admission as old is what is stored, whatever else the request says. */
    @Test
    void cve202125735AdmissionSeesTheOldNodeAsItWas() throws Exception {
        String nodes = "/api/v1/nodes";
        admin.post(nodes, "{'metadata':{'name':'guarded','labels':{'guard':'1'}}}")
                .succeeded();
        String policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
        admin.post(policies, """
                {'metadata':{'name':'guard'},'spec':{'matchConstraints':{'resourceRules':[{'apiGroups':[''],'apiVersions':['v1'],
                 'operations':['UPDATE'],'resources':['nodes','nodes/status']}]},
                 'validations':[{'message':'guarded','expression':
                  'oldObject.metadata.?labels.guard.orValue(\\'\\') == object.metadata.?labels.guard.orValue(\\'\\')'}]}}""".replace("\\'", "\\u0027").replace("\n", " ")).succeeded();
        admin.post(
                        policies.replace("policies", "policybindings"),
                        "{'metadata':{'name':'guard'},'spec':{'policyName':'guard','validationActions':['Deny']}}")
                .succeeded();
        String change = "{'metadata':{'labels':{'guard':'2'}},'spec':{'unschedulable':true},"
                + "'status':{'capacity':{'cpu':'1'}}}";
        Deadline.await(() -> admin.merge(nodes + "/guarded?dryRun=All", change).code() == 422);
        for (String path : List.of(nodes + "/guarded", nodes + "/guarded/status")) {
            assertEquals(422, admin.merge(path, change).code(), path);
            assertEquals(
                    422,
                    admin.send("PATCH", path, "application/strategic-merge-patch+json", change)
                            .code(),
                    path);
            LiveUsers.Answer now = admin.get(nodes + "/guarded");
            now.body().withObject("/metadata/labels").put("guard", "3");
            assertEquals(422, admin.put(path, now.body()).code(), path);
        }
        assertEquals("1", admin.get(nodes + "/guarded").text("/metadata/labels/guard"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "169.254.169.254", "224.0.0.1", "0.0.0.0"})
    void cve202125737SlicesLeadNeitherToLoopbackNorToTheLink(String address) {
        String message = refused(
                422,
                "POST",
                "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
                "application/json",
                "{'metadata':{'name':'led'},'addressType':'IPv4','ports':[],'endpoints':[{'addresses':['" + address
                        + "']}]}");
        assertTrue(message.contains("endpoints[0].addresses[0]"), message);
        refused(
                422,
                "POST",
                "/api/v1/namespaces/default/endpoints",
                "application/json",
                "{'metadata':{'name':'led'},'subsets':[{'addresses':[{'ip':'" + address + "'}]}]}");
    }

    /** Traffic for an address that a Service claims: by external IPs, or by a status that the user writes. */
    @Test
    void cve20208554AddressesOfOthersAreNotClaimed(@TempDir Path folder) throws Exception {
        String services = "/api/v1/namespaces/default/services";
        try (ApiServer strict =
                        ApiServer.start(Flags.config(folder, "--enable-admission-plugins=DenyServiceExternalIPs"));
                Caller caller = Caller.admin(strict)) {
            Caller.Answer refused = caller.post(
                    services,
                    "{\"metadata\":{\"name\":\"s\"},\"spec\":{\"externalIPs\":[\"192.0.2.1\"],\"ports\":[{\"port\":53}]}}");
            assertEquals(403, refused.code(), refused.text());
            assertTrue(refused.at("/message").endsWith("Use of external IPs is denied by admission control"));
        }
        admin.post(services, "{'metadata':{'name':'status'},'spec':{'type':'LoadBalancer','ports':[{'port':53}]}}")
                .succeeded();
        admin.post(
                        ROLES + "namespaces/default/rolebindings",
                        "{'metadata':{'name':'editor'},'subjects':[{'kind':'User','name':'editor'}],"
                                + "'roleRef':{'apiGroup':'rbac.authorization.k8s.io','kind':'ClusterRole','name':'edit'}}")
                .succeeded();
        LiveUsers.User editor = server.user("editor");
        String status = "{'status':{'loadBalancer':{'ingress':[{'ip':'192.0.2.1'}]}}}";
        Deadline.await(() -> editor.merge(services + "/status", status).code() == 200);
        assertEquals("", admin.get(services + "/status").text("/status/loadBalancer/ingress/0/ip"));
        assertEquals(403, editor.merge(services + "/status/status", status).code());
    }

    @Test
    void cve201911248TheProcessIsShownToNobodyElse() throws Exception {
        LiveUsers.User somebody = server.user("somebody");
        for (String path : List.of("/debug/pprof/", "/debug/threads", "/debug/flight", "/metrics", "/logs/")) {
            assertEquals(403, somebody.get(path).code(), path);
        }
    }
}
