package io.keelson.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class MetricsServerCommandTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--metric-resolution=9s | metric-resolution should be a time duration at least 10s, but value 9s provided",
                "--kubelet-request-timeout=14s | metric-resolution should be larger than kubelet-request-timeout",
                "--kubelet-request-timeout=0s | --kubelet-request-timeout has to be more than nothing",
                "--kubelet-preferred-address-types=InternalIP,Else | \"Else\" is no type of addresses of nodes",
                "--kubelet-port=70000 | --kubelet-port: 70000 is no port",
                "--kubelet-client-key=/none | must be given together",
                "--kubelet-certificate-authority=/none | --kubelet-certificate-authority: /none cannot be read",
                "--kubeconfig=/none | --kubeconfig: /none cannot be read",
                "--requestheader-client-ca-file=/none | --requestheader-client-ca-file: /none cannot be used",
                "--leader-elect | Unknown option: '--leader-elect'"
            })
    void whatMakesNoSenseIsRefusedWithWhy(String flag, String why) {
        StringWriter said = new StringWriter();
        int code = new CommandLine(new MetricsServerCommand())
                .setErr(new PrintWriter(said, true))
                .execute(flag);
        assertEquals(2, code);
        assertTrue(said.toString().contains(why), said.toString());
    }

    private static Node node(int port, NodeAddress... addresses) {
        return new NodeBuilder()
                .withNewStatus()
                .withAddresses(addresses)
                .withNewDaemonEndpoints()
                .withNewKubeletEndpoint(port)
                .endDaemonEndpoints()
                .endStatus()
                .build();
    }

    @Test
    void nodesAreAskedAtTheFirstOfTheirAddressesThatIsWanted() {
        Node node = node(
                10_251,
                new NodeAddress("10.0.0.1", "InternalIP"),
                new NodeAddress("fd00::1", "InternalIP"),
                new NodeAddress("worker", "Hostname"));
        assertEquals(
                Optional.of(URI.create("https://worker:10250/metrics/resource")),
                new KubeletAddress(List.of("InternalDNS", "Hostname", "InternalIP"), 10_250, false).of(node));
        assertEquals(
                Optional.of(URI.create("https://10.0.0.1:10251/metrics/resource")),
                new KubeletAddress(List.of("InternalIP"), 10_250, true).of(node));
        assertEquals(
                Optional.of(URI.create("https://[fd00::1]:10250/metrics/resource")),
                new KubeletAddress(List.of("InternalIP"), 10_250, true)
                        .of(node(0, new NodeAddress("fd00::1", "InternalIP"))));
        assertEquals(Optional.empty(), new KubeletAddress(List.of("ExternalIP"), 10_250, true).of(node));
        assertEquals(
                Optional.empty(),
                new KubeletAddress(List.of("Hostname"), 1, true).of(node(0, new NodeAddress("a b\n", "Hostname"))));
        assertEquals(Optional.empty(), new KubeletAddress(List.of("Hostname"), 1, true).of(new Node()));
    }
}
