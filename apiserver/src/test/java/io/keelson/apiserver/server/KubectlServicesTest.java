package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Services of every type through the real kubectl, and what every cluster has. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KubectlServicesTest {
    private ApiServer server;
    private Kubectl kubectl;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        Kubectl.assumeThere();
        server = ApiServer.start(ApiServerConfig.ephemeral());
        kubectl = new Kubectl(server, folder);
    }

    @AfterAll
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private String field(String resource, String path) throws Exception {
        return kubectl.run("get", resource, "-o", "jsonpath={" + path + "}");
    }

    private static String service(String name, String spec) {
        return "apiVersion: v1\nkind: Service\nmetadata: {name: " + name + "}\nspec: {" + spec + "}\n";
    }

    private boolean isTaken(String address) throws Exception {
        return kubectl.run("get", "ipaddress", "-o", "name")
                .lines()
                .anyMatch(("ipaddress.networking.k8s.io/" + address)::equals);
    }

    @Test
    void exposesADeployment() throws Exception {
        kubectl.run("create", "deployment", "web", "--image=nginx", "--port=80");
        assertEquals(
                "service/web exposed", kubectl.run("expose", "deployment", "web", "--port=8080", "--target-port=80"));
        String address = field("service/web", ".spec.clusterIP");
        assertTrue(address.startsWith("10."), address);
        assertEquals("[\"" + address + "\"]", field("service/web", ".spec.clusterIPs"));
        assertEquals(
                "[\"IPv4\"] SingleStack",
                kubectl.run("get", "service/web", "-o", "jsonpath={.spec.ipFamilies} {.spec.ipFamilyPolicy}"));
        assertEquals(
                "services default web IPv4 ipallocator.k8s.io",
                kubectl.run(
                        "get",
                        "ipaddress/" + address,
                        "-o",
                        "jsonpath={.spec.parentRef.resource} {.spec.parentRef.namespace} {.spec.parentRef.name}"
                                + " {.metadata.labels.ipaddress\\.kubernetes\\.io/ip-family}"
                                + " {.metadata.labels.ipaddress\\.kubernetes\\.io/managed-by}"));
        kubectl.run("delete", "service", "web");
        assertTrue(!isTaken(address));
    }

    @Test
    void givesNodePortsAndTakesThemBackWithTheType() throws Exception {
        kubectl.run("create", "service", "nodeport", "np", "--tcp=80:80", "--tcp=443:443");
        String first = field("service/np", ".spec.ports[0].nodePort");
        int number = Integer.parseInt(first);
        assertTrue(number >= 30_086 && number <= 32_767, first);
        String complaint = kubectl.fail(
                service("other", "type: NodePort, ports: [{port: 80, nodePort: " + first + "}]"), "create", "-f", "-");
        assertEquals(
                "The Service \"other\" is invalid: spec.ports[0].nodePort: Invalid value: " + first
                        + ": provided port is already allocated",
                complaint);
        kubectl.run("patch", "service", "np", "-p", "{\"spec\":{\"type\":\"ClusterIP\"}}");
        assertEquals("", field("service/np", ".spec.ports[0].nodePort"));
        kubectl.with(
                service("other", "type: NodePort, ports: [{port: 80, nodePort: " + first + "}]"), "create", "-f", "-");
        assertEquals(first, field("service/other", ".spec.ports[0].nodePort"));
        assertEquals(
                "The Service \"far\" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the"
                        + " valid range. The range of valid ports is 30000-32767",
                kubectl.fail(service("far", "type: NodePort, ports: [{port: 80, nodePort: 80}]"), "create", "-f", "-"));
        kubectl.run("delete", "service", "np", "other");
    }

    @Test
    void sharesANodePortAmongProtocols() throws Exception {
        kubectl.with(
                service(
                        "dns",
                        "type: NodePort, ports: [{name: udp, port: 53, protocol: UDP}, {name: tcp, port: 53, protocol:"
                                + " TCP}]"),
                "create",
                "-f",
                "-");
        assertEquals(field("service/dns", ".spec.ports[0].nodePort"), field("service/dns", ".spec.ports[1].nodePort"));
        kubectl.run("delete", "service", "dns");
    }

    @Test
    void givesAHealthCheckPortToLocalLoadBalancers() throws Exception {
        kubectl.with(
                service("lb", "type: LoadBalancer, externalTrafficPolicy: Local, ports: [{port: 80}]"),
                "create",
                "-f",
                "-");
        String port = field("service/lb", ".spec.healthCheckNodePort");
        assertTrue(Integer.parseInt(port) >= 30_000, port);
        kubectl.run("patch", "service", "lb", "-p", "{\"spec\":{\"externalTrafficPolicy\":\"Cluster\"}}");
        assertEquals("", field("service/lb", ".spec.healthCheckNodePort"));
        kubectl.with(
                service("none", "type: LoadBalancer, allocateLoadBalancerNodePorts: false, ports: [{port: 80}]"),
                "create",
                "-f",
                "-");
        assertEquals("", field("service/none", ".spec.ports[0].nodePort"));
        kubectl.run("delete", "service", "lb", "none");
    }

    @Test
    void takesTheAddressThatIsAskedFor() throws Exception {
        kubectl.with(service("chosen", "clusterIP: 10.96.0.77, ports: [{port: 80}]"), "create", "-f", "-");
        assertEquals("10.96.0.77", field("service/chosen", ".spec.clusterIP"));
        assertEquals(
                "The Service \"again\" is invalid: spec.clusterIPs: Invalid value: [\"10.96.0.77\"]: failed to allocate IP"
                        + " 10.96.0.77: provided IP is already allocated",
                kubectl.fail(service("again", "clusterIP: 10.96.0.77, ports: [{port: 80}]"), "create", "-f", "-"));
        assertEquals(
                "The Service \"far\" is invalid: spec.clusterIPs: Invalid value: [\"192.168.0.1\"]: failed to allocate IP"
                        + " 192.168.0.1: the provided network does not match the current range",
                kubectl.fail(service("far", "clusterIP: 192.168.0.1, ports: [{port: 80}]"), "create", "-f", "-"));
        assertEquals(
                "The Service \"six\" is invalid: spec.clusterIPs[0]: Invalid value: [\"fd00::1\"]: IPv6 is not configured"
                        + " on this cluster",
                kubectl.fail(service("six", "clusterIP: 'fd00::1', ports: [{port: 80}]"), "create", "-f", "-"));
        assertEquals(
                "The Service \"two\" is invalid: spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is"
                        + " not configured for dual-stack services",
                kubectl.fail(
                        service("two", "ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]"), "create", "-f", "-"));
        kubectl.run("delete", "service", "chosen");
    }

    @Test
    void goesFromNameToAddressAndBack() throws Exception {
        kubectl.run("create", "service", "externalname", "ext", "--external-name=example.com", "--tcp=80:80");
        assertEquals("", field("service/ext", ".spec.clusterIP"));
        kubectl.run("patch", "service", "ext", "-p", "{\"spec\":{\"type\":\"ClusterIP\",\"externalName\":null}}");
        String address = field("service/ext", ".spec.clusterIP");
        assertTrue(isTaken(address), address);
        kubectl.run(
                "patch",
                "service",
                "ext",
                "-p",
                "{\"spec\":{\"type\":\"ExternalName\",\"externalName\":\"example.com\"}}");
        assertEquals("", field("service/ext", ".spec.clusterIPs"));
        assertTrue(!isTaken(address), address);
        kubectl.run("delete", "service", "ext");
    }

    @Test
    void givesHeadlessServicesNothing() throws Exception {
        kubectl.run("create", "service", "clusterip", "head", "--clusterip=None", "--tcp=80:80");
        assertEquals(
                "None SingleStack",
                kubectl.run("get", "service/head", "-o", "jsonpath={.spec.clusterIP} {.spec.ipFamilyPolicy}"));
        kubectl.with(service("bare", "clusterIP: None, ports: [{port: 80}]"), "create", "-f", "-");
        assertEquals(
                "[\"IPv4\",\"IPv6\"] RequireDualStack",
                kubectl.run("get", "service/bare", "-o", "jsonpath={.spec.ipFamilies} {.spec.ipFamilyPolicy}"));
        kubectl.run("delete", "service", "head", "bare");
    }

    @Test
    void takesNothingInADryRun() throws Exception {
        String before = kubectl.run("get", "ipaddress", "-o", "name");
        assertEquals(
                "10.96.0.0 32769",
                kubectl.run(
                        "create",
                        "service",
                        "nodeport",
                        "dry",
                        "--tcp=80:80",
                        "--dry-run=server",
                        "-o",
                        "jsonpath={.spec.clusterIP} {.spec.ports[0].nodePort}"));
        assertEquals(before, kubectl.run("get", "ipaddress", "-o", "name"));
    }

    @Test
    void appliesAServiceTwice() throws Exception {
        String manifest = service("twice", "type: NodePort, selector: {app: a}, ports: [{port: 80}]");
        kubectl.with(manifest, "apply", "-f", "-");
        String address = field("service/twice", ".spec.clusterIP");
        String port = field("service/twice", ".spec.ports[0].nodePort");
        assertEquals("service/twice unchanged", kubectl.with(manifest, "apply", "-f", "-"));
        kubectl.with(manifest, "apply", "--server-side", "--force-conflicts", "-f", "-");
        kubectl.with(manifest, "replace", "-f", "-");
        assertEquals(address, field("service/twice", ".spec.clusterIP"));
        assertEquals(port, field("service/twice", ".spec.ports[0].nodePort"));
        kubectl.run("delete", "service", "twice");
    }

    @Test
    void makesAnAddressAnewThatSomebodyHasRemoved() throws Exception {
        kubectl.run("create", "service", "clusterip", "robbed", "--tcp=80:80");
        String address = field("service/robbed", ".spec.clusterIP");
        kubectl.run("delete", "ipaddress", address);
        kubectl.run("wait", "--for=create", "ipaddress/" + address, "--timeout=60s");
        String reasons = kubectl.run(
                "get", "events", "--field-selector", "involvedObject.name=robbed", "-o", "jsonpath={.items[*].reason}");
        assertEquals("ClusterIPNotAllocated", reasons);
        kubectl.run("delete", "service", "robbed");
        assertTrue(!isTaken(address));
    }

    @Test
    void hasWhatEveryClusterHas() throws Exception {
        assertEquals(
                "10.96.0.1 443 ClusterIP",
                kubectl.run(
                        "get",
                        "service/kubernetes",
                        "-o",
                        "jsonpath={.spec.clusterIP} {.spec.ports[0].port} {.spec.type}"));
        assertTrue(isTaken("10.96.0.1"));
        assertEquals(
                "[\"10.96.0.0/12\"] True",
                kubectl.run(
                        "get",
                        "servicecidr/kubernetes",
                        "-o",
                        "jsonpath={.spec.cidrs} {.status.conditions[0].status}"));
        assertEquals(
                List.of("default", "kube-node-lease", "kube-public", "kube-system"),
                kubectl.run("get", "namespaces", "-o", "name")
                        .lines()
                        .map(line -> line.substring("namespace/".length()))
                        .toList());
        assertEquals(
                "catch-all exempt global-default leader-election node-high system workload-high workload-low",
                kubectl.run("get", "prioritylevelconfigurations", "-o", "jsonpath={.items[*].metadata.name}"));
        assertEquals(13, kubectl.run("get", "flowschemas", "-o", "name").lines().count());
        assertEquals(
                "[\"X-Remote-User\"]",
                kubectl.run(
                        "-n",
                        "kube-system",
                        "get",
                        "configmap/extension-apiserver-authentication",
                        "-o",
                        "jsonpath={.data.requestheader-username-headers}"));
        String lease = kubectl.run(
                "-n",
                "kube-system",
                "get",
                "lease",
                "-l",
                "apiserver.kubernetes.io/identity=kube-apiserver",
                "-o",
                "name");
        assertTrue(lease.matches("lease.coordination.k8s.io/apiserver-[a-z2-7]{26}"), lease);
    }
}
