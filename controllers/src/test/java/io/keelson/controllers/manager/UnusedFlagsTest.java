package io.keelson.controllers.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class UnusedFlagsTest {
    private static void refused(String why, String... arguments) {
        assertEquals(
                why,
                assertThrows(IllegalArgumentException.class, () -> UnusedFlags.of(List.of(arguments)))
                        .getMessage());
    }

    @Test
    void whoStatesOneIsToldThatItChangesNothing() {
        List<String> told = UnusedFlags.of(List.of(
                "--cluster-name=kubernetes",
                "--min-resync-period",
                "12h",
                "--configure-cloud-routes",
                "-v=2",
                "--v=4"));
        assertEquals(5, told.size());
        assertEquals("--cluster-name has no effect here: no load balancers are named here", told.getFirst());
        assertTrue(told.get(1).startsWith("--min-resync-period "), told::toString);
    }

    @Test
    void whatIsNoFlagAtAllIsRefused() {
        refused("unknown flag: --leader-elct", "--leader-elct=true");
        refused("unknown argument: serve", "serve");
        refused("flag needs an argument: --min-resync-period", "--min-resync-period");
        refused("unknown flag: -x", "-x");
    }

    @Test
    void theCommandTakesWhatKubeadmGivesTheOriginal() {
        StringWriter said = new StringWriter();
        CommandLine line = new CommandLine(new ControllerManagerCommand()).setErr(new PrintWriter(said));
        CommandLine.ParseResult parsed = line.parseArgs(
                "--allocate-node-cidrs=true",
                "--authentication-kubeconfig=/etc/kubernetes/controller-manager.conf",
                "--authorization-kubeconfig=/etc/kubernetes/controller-manager.conf",
                "--bind-address=127.0.0.1",
                "--client-ca-file=/etc/kubernetes/pki/ca.crt",
                "--cluster-cidr=10.244.0.0/16",
                "--cluster-name=kubernetes",
                "--cluster-signing-cert-file=/etc/kubernetes/pki/ca.crt",
                "--cluster-signing-key-file=/etc/kubernetes/pki/ca.key",
                "--controllers=*,bootstrapsigner,tokencleaner",
                "--kubeconfig=/etc/kubernetes/controller-manager.conf",
                "--leader-elect=true",
                "--profiling=false",
                "--requestheader-client-ca-file=/etc/kubernetes/pki/front-proxy-ca.crt",
                "--root-ca-file=/etc/kubernetes/pki/ca.crt",
                "--service-account-private-key-file=/etc/kubernetes/pki/sa.key",
                "--service-cluster-ip-range=10.96.0.0/12",
                "--use-service-account-credentials=true");
        assertEquals(1, UnusedFlags.of(parsed.unmatched()).size(), "all but --cluster-name are used");
        // The files are not there; that is what is said, and not that a flag is unknown.
        assertEquals(2, line.execute("--authentication-kubeconfig=/nowhere", "--cluster-name=kubernetes"));
        assertTrue(said.toString().contains("--authentication-kubeconfig: /nowhere cannot be read"), said::toString);
        assertEquals(2, line.execute("--leader-elct"));
        assertTrue(said.toString().contains("unknown flag: --leader-elct"), said::toString);
    }
}
