package io.keelson.cloud.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Service;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CloudControllerManagerCommandTest {
    @TempDir
    Path folder;

    private static CommandLine command(StringWriter said) {
        return new CommandLine(new CloudControllerManagerCommand()).setErr(new PrintWriter(said));
    }

    @Test
    void itGivesServicesAddressesWhileItLeadsAndFreesItsLeaseAtTheEnd() throws Exception {
        try (TestCluster cluster = new TestCluster()) {
            String namespace = cluster.namespace();
            Path pool = folder.resolve("local.yaml");
            long pid = ProcessHandle.current().pid();
            String address = "127." + (64 + pid % 128) + '.' + (pid / 128 % 250) + ".251";
            Files.writeString(pool, """
                apiVersion: cloud.keelson.io/v1
                kind: LocalCloud
                addresses: [%s]
                """.formatted(address));
            String[] flags = {
                "--kubeconfig=" + cluster.kubeconfig(folder),
                "--cloud-provider=local",
                "--cloud-config=" + pool,
                "--leader-elect-resource-name=" + namespace,
                "--secure-port=0",
                "--controllers=service,cloud-node"
            };
            AtomicInteger code = new AtomicInteger(-1);
            Thread process = Thread.ofVirtual()
                    .start(() -> code.set(command(new StringWriter()).execute(flags)));
            cluster.create(namespace, """
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec: {type: LoadBalancer, loadBalancerIP: %s, ports: [{port: 8080}]}
                """.formatted(address));
            var service = cluster.client().services().inNamespace(namespace).withName("web");
            TestCluster.await("it has its address", () -> has(service.get(), address));
            assertTrue(!cluster.holder(namespace).isEmpty());
            service.delete();
            TestCluster.await("it is gone", () -> service.get() == null);
            process.interrupt();
            TestCluster.await("it ends", () -> !process.isAlive());
            assertEquals("", cluster.holder(namespace));
            assertEquals(0, code.get(), "it was told to end");
        }
    }

    private static boolean has(@Nullable Service service, String address) {
        return service != null
                && service.getStatus() != null
                && service.getStatus().getLoadBalancer() != null
                && OrEmpty.of(service.getStatus().getLoadBalancer().getIngress()).stream()
                        .anyMatch(each -> address.equals(each.getIp()));
    }

    private static void refused(String expected, String... flags) {
        StringWriter said = new StringWriter();
        assertEquals(2, command(said).execute(flags), said.toString());
        assertTrue(said.toString().contains("error: " + expected), said.toString());
    }

    @Test
    void flagsAndFilesWithMistakesAreToldAtOnce() throws IOException {
        refused("--cloud-provider cannot be empty: local, file or webhook");
        refused("--cloud-provider: unknown provider aws", "--cloud-provider=aws");
        refused("--cloud-config must be given with --cloud-provider file", "--cloud-provider=file");
        Path file = folder.resolve("cloud.yaml");
        Files.writeString(file, "apiVersion: cloud.keelson.io/v1\nkind: FileCloud\ninstances: {}");
        refused(file + ":3: instances: must be a list", "--cloud-provider=file", "--cloud-config=" + file);
        refused("\"foo\" is not in the list of known controllers", "--cloud-provider=local", "--controllers=foo");
        refused("--controllers leaves none to run", "--cloud-provider=local", "--controllers=-service");
        refused("--cluster-cidr must be set", "--cloud-provider=local", "--allocate-node-cidrs");
        refused("--node-monitor-period must be", "--cloud-provider=local", "--node-monitor-period=0");
        refused("--concurrent-service-syncs", "--cloud-provider=local", "--concurrent-service-syncs=0");
    }

    @Test
    void controllersAreChosenByTheirNamesOldOrNew() {
        assertEquals(
                Set.of(
                        "cloud-node-controller",
                        "cloud-node-lifecycle-controller",
                        "service-lb-controller",
                        "node-route-controller"),
                CloudControllers.chosen(List.of("*")));
        assertEquals(
                Set.of("cloud-node-controller", "service-lb-controller"),
                CloudControllers.chosen(List.of("*", "-route", "-cloud-node-lifecycle-controller")));
        assertEquals(Set.of("node-route-controller"), CloudControllers.chosen(List.of("route")));
    }
}
