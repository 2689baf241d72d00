package io.keelson.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.proxy.config.ConfigurationFile;
import io.keelson.proxy.config.ProxyConfiguration;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class ProxyCommandTest {
    @TempDir
    private Path folder;

    private record Said(int code, String errors) {}

    private static Said run(String... arguments) {
        StringWriter errors = new StringWriter();
        CommandLine command = new CommandLine(new ProxyCommand()).setErr(new PrintWriter(errors));
        return new Said(command.execute(arguments), errors.toString());
    }

    private ProxyConfiguration written(String... flags) throws Exception {
        Path file = folder.resolve("written");
        List<String> all = new ArrayList<>(List.of(flags));
        all.add("--write-config-to=" + file);
        Said said = run(all.toArray(String[]::new));
        assertEquals(0, said.code(), said.errors());
        return ConfigurationFile.read(file);
    }

    @Test
    void flagsOfTheOriginalSayWhatAFileSays() throws Exception {
        ProxyConfiguration written = written(
                "--cluster-cidr=10.244.0.0/16",
                "--nodeport-addresses=10.0.0.0/8,127.0.0.0/8",
                "--proxy-mode",
                "nftables",
                "--masquerade-all",
                "--iptables-localhost-nodeports=false",
                "--conntrack-tcp-timeout-established=2h",
                "--conntrack-max-per-core=0",
                "--detect-local-mode=InterfaceNamePrefix",
                "--pod-interface-name-prefix=veth",
                "--kube-api-qps=50",
                "--ipvs-scheduler",
                "rr",
                "--profiling",
                "-v=2");
        assertEquals("10.244.0.0/16", written.clusterCIDR());
        assertEquals(List.of("10.0.0.0/8", "127.0.0.0/8"), written.nodePortAddresses());
        assertEquals("nftables", written.mode());
        assertTrue(written.iptables().masqueradeAll());
        assertFalse(written.iptables().localhostNodePorts());
        assertEquals(Duration.ofHours(2), written.conntrack().tcpEstablishedTimeout());
        assertEquals(0, written.conntrack().maxPerCore());
        assertEquals("veth", written.detectLocal().interfaceNamePrefix());
        assertEquals(50, written.clientConnection().qps());
        assertEquals(
                ProxyConfiguration.defaults().conntrack().min(),
                written.conntrack().min());
    }

    @Test
    void whatMakesNoSenseIsToldInTheFirstLine() throws Exception {
        assertTrue(run("--magic").errors().startsWith("error: unknown flag: --magic"));
        assertTrue(run("word").errors().startsWith("error: does not take any arguments, got \"word\""));
        assertTrue(run("--proxy-mode=magic").errors().startsWith("error: KubeProxyConfiguration.Mode"));
        assertTrue(run("--hostname-override= ").errors().startsWith("error: empty hostname-override is invalid"));
        assertTrue(run("--config=" + folder.resolve("none")).errors().contains("none cannot be read"));
        Path file = Files.writeString(folder.resolve("bad"), "kind: Other\n");
        assertTrue(run("--config=" + file).errors().contains("no kind \"Other\" is registered"));
    }
}
