package io.keelson.controllers.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.cloud.command.CloudControllerManagerCommand;
import io.keelson.scheduler.SchedulerCommand;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Command lines of the originals run, or say why not. */
class OriginalFlagsTest {
    private static final String CONTROLLERS = "kube-controller-manager";
    private static final String SCHEDULER = "kube-scheduler";
    private static final String CLOUD = "cloud-controller-manager";

    /** Those that the original takes and tells nobody of. */
    private static final Map<String, Set<String>> HIDDEN = Map.of(
            CONTROLLERS, Set.of("--allow-untagged-cloud"),
            SCHEDULER, Set.of(),
            CLOUD, Set.of("--allow-untagged-cloud"));

    /** Those that only ours have. */
    private static final Set<String> OWN = Set.of("--local-path-dir", "--local-path-storage-class");

    private static CommandLine command(String component) {
        return new CommandLine(
                switch (component) {
                    case CONTROLLERS -> new ControllerManagerCommand();
                    case SCHEDULER -> new SchedulerCommand();
                    default -> new CloudControllerManagerCommand();
                });
    }

    private static Set<String> ofTheOriginal(String component) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(OriginalFlagsTest.class.getResourceAsStream(component + ".flags"), component)) {
            return new TreeSet<>(new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
        }
    }

    private static List<String> check(String component, String... arguments) {
        List<String> told = new ArrayList<>();
        OriginalFlags.check(component, List.of(arguments), told::add);
        return told;
    }

    private static void refused(String expected, String component, String... arguments) {
        assertEquals(
                expected,
                assertThrows(IllegalArgumentException.class, () -> check(component, arguments))
                        .getMessage());
    }

    @Test
    void eachFlagOfTheOriginalIsThereOrHasItsReason() throws IOException {
        for (String component : List.of(CONTROLLERS, SCHEDULER, CLOUD)) {
            Set<String> options = new TreeSet<>(
                    command(component).getCommandSpec().optionsMap().keySet());
            options.removeIf(name -> !name.startsWith("--"));
            Set<String> others = OriginalFlags.names(component);
            others.removeIf(name -> !name.startsWith("--"));
            Set<String> twice = new TreeSet<>(options);
            twice.retainAll(others);
            assertEquals(Set.of(), twice, component);
            options.addAll(others);
            options.removeAll(OWN);
            Set<String> original = ofTheOriginal(component);
            original.addAll(Objects.requireNonNull(HIDDEN.get(component)));
            assertEquals(original, options, component);
        }
    }

    @Test
    void theCommandLinesOfAClusterOfKubeadmAreTaken() {
        Map<String, List<String>> lines = Map.of(
                CONTROLLERS,
                List.of(
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
                        "--use-service-account-credentials=true",
                        "-v=2"),
                SCHEDULER,
                List.of(
                        "--authentication-kubeconfig=/etc/kubernetes/scheduler.conf",
                        "--authorization-kubeconfig=/etc/kubernetes/scheduler.conf",
                        "--bind-address=127.0.0.1",
                        "--kubeconfig=/etc/kubernetes/scheduler.conf",
                        "--leader-elect=true",
                        "--profiling=false",
                        "--v=2"),
                CLOUD,
                List.of(
                        "--cloud-provider=local",
                        "--leader-elect=true",
                        "--authentication-skip-lookup=true",
                        "--requestheader-client-ca-file",
                        "/etc/kubernetes/pki/front-proxy-ca.crt",
                        "--min-resync-period",
                        "10h",
                        "--v=2"));
        Map<String, Set<String>> unused = Map.of(
                CONTROLLERS, Set.of("--cluster-name", "--profiling", "-v"),
                SCHEDULER, Set.of("--profiling"),
                CLOUD, Set.of("--authentication-skip-lookup", "--min-resync-period", "--v"));
        lines.forEach((component, arguments) -> {
            CommandLine line = command(component);
            line.parseArgs(arguments.toArray(String[]::new));
            List<String> left = line.getUnmatchedArguments();
            List<String> told = check(component, left.toArray(String[]::new));
            told.forEach(each -> assertTrue(each.matches("--?[a-z0-9-]+ changes nothing: .{15,}"), each));
            assertEquals(
                    unused.get(component),
                    told.stream()
                            .map(each -> each.substring(0, each.indexOf(' ')))
                            .collect(Collectors.toSet()));
        });
    }

    @Test
    void whatCannotBeHadIsRefusedByItsNameAndWithTheReason() {
        refused(
                "--tls-sni-cert-key=a,b cannot be had: there is one certificate for all names: --tls-cert-file",
                SCHEDULER,
                "--tls-sni-cert-key",
                "a,b");
        refused(
                "--permit-port-sharing=true cannot be had: no other process may listen on the same port",
                CLOUD,
                "--permit-port-sharing");
        assertEquals(1, check(CLOUD, "--permit-port-sharing=false").size());
        assertEquals(1, check(CONTROLLERS, "--cloud-provider=external").size());
        assertEquals(1, check(CONTROLLERS, "--cloud-provider=").size());
        assertTrue(String.valueOf(
                        assertThrows(IllegalArgumentException.class, () -> check(CONTROLLERS, "--cloud-provider=aws"))
                                .getMessage())
                .contains("keelson cloud-controller-manager"));
        refused(
                "--emulated-version=1.30 cannot be had: this is Kubernetes 1.36 and no other version",
                SCHEDULER,
                "--emulated-version=1.30");
        refused("flag needs an argument: --cert-dir", CLOUD, "--cert-dir");
    }

    @Test
    void whatIsNoFlagAtAllIsRefused() {
        refused("unknown flag: --no-such-flag", CONTROLLERS, "--no-such-flag=1");
        refused("unknown flag: --cluster-name", SCHEDULER, "--cluster-name=c");
        refused("unknown shorthand flag: 'x' in -x", CLOUD, "-x");
        refused("does not take any arguments, got \"words\"", CLOUD, "words");
        refused("flag needs an argument: --min-resync-period", CONTROLLERS, "--min-resync-period");
        for (String component : List.of(CONTROLLERS, SCHEDULER, CLOUD)) {
            StringWriter said = new StringWriter();
            CommandLine line = command(component).setErr(new PrintWriter(said));
            assertEquals(2, line.execute("--no-such-flag"), component);
            assertTrue(said.toString().contains("error: unknown flag: --no-such-flag"), said.toString());
        }
        StringWriter said = new StringWriter();
        assertEquals(
                2,
                command(SCHEDULER).setErr(new PrintWriter(said)).execute("--write-config-to=/dev/null", "--nothing"));
        assertTrue(said.toString().contains("unknown flag: --nothing"), said.toString());
    }

    @Test
    void theVersionIsThatOfKubernetes() {
        for (String component : List.of(CONTROLLERS, SCHEDULER, CLOUD)) {
            StringWriter said = new StringWriter();
            assertEquals(0, command(component).setOut(new PrintWriter(said)).execute("--version"));
            assertEquals("Kubernetes v1.36.0+keelson", said.toString().strip());
        }
    }
}
