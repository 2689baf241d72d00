package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SchedulerCommandTest {
    private final TestScheduler test = new TestScheduler();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void itSchedulesWhileItLeadsAndFreesItsLeaseAtTheEnd() throws Exception {
        // Pods that other tests have left are not to fill it.
        String node = test.node("4", Map.of());
        test.edit(
                node,
                now -> new NodeBuilder(now)
                        .editSpec()
                        .addNewTaint()
                        .withKey(test.name)
                        .withEffect("NoSchedule")
                        .endTaint()
                        .endSpec()
                        .build());
        String lease = test.name;
        AtomicInteger code = new AtomicInteger(-1);
        String[] flags = {
            "--kubeconfig=" + test.cluster.kubeconfig(folder),
            "--leader-elect-resource-name=" + lease,
            "--secure-port=0",
            "-v=3"
        };
        Thread process = Thread.ofVirtual()
                .start(() -> code.set(command(new StringWriter()).execute(flags)));
        test.create(test.build("a", "1")
                .editSpec()
                .withSchedulerName("default-scheduler")
                .addNewToleration()
                .withKey(test.name)
                .withOperator("Exists")
                .endToleration()
                .endSpec()
                .build());
        test.awaitBound("a");
        assertTrue(!test.cluster.holder(lease).isEmpty());
        process.interrupt();
        TestCluster.await("it ends", () -> !process.isAlive());
        assertEquals("", test.cluster.holder(lease));
        assertEquals(0, code.get(), "it was told to end");
    }

    @Test
    void aFileSaysWhoItIsAndFlagsOfTheElectionWinOverIt() throws Exception {
        test.node("4", Map.of());
        Path file = folder.resolve("config.yaml");
        Files.writeString(file, """
            apiVersion: kubescheduler.config.k8s.io/v1
            kind: KubeSchedulerConfiguration
            clientConnection: {kubeconfig: %s}
            leaderElection: {leaderElect: true, resourceName: not-this-one}
            profiles: [{schedulerName: %s}]
            """.formatted(test.cluster.kubeconfig(folder), test.name));
        String[] flags = {"--config=" + file, "--leader-elect-resource-name=" + test.name, "--secure-port=0"};
        Thread process =
                Thread.ofVirtual().start(() -> command(new StringWriter()).execute(flags));
        test.pod("a", "1");
        test.awaitBound("a");
        assertTrue(!test.cluster.holder(test.name).isEmpty());
        assertEquals("", test.cluster.holder("not-this-one"));
        process.interrupt();
        TestCluster.await("it ends", () -> !process.isAlive());
    }

    @Test
    void theConfigurationIsWrittenWithAllDefaultsAndCanBeReadAgain() throws IOException {
        Path first = folder.resolve("first.yaml");
        Path second = folder.resolve("second.yaml");
        assertEquals(0, command(new StringWriter()).execute("--write-config-to=" + first));
        assertTrue(Files.readString(first).contains("default-scheduler"));
        assertEquals(0, command(new StringWriter()).execute("--config=" + first, "--write-config-to=" + second));
        assertEquals(Files.readString(first), Files.readString(second));
    }

    @Test
    void aFileThatMakesNoSenseEndsTheCommandAndSaysWhere() throws IOException {
        Path file = folder.resolve("config.yaml");
        String head = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n";
        for (String rest : List.of(
                "parallelism: -1",
                "profiles: [{plugins: {filter: {enabled: [{name: Nothing}]}}}]",
                "extenders: [{urlPrefix: 'https://localhost', tlsConfig: {caFile: /nowhere}}]")) {
            Files.writeString(file, head + rest);
            StringWriter said = new StringWriter();
            assertEquals(2, command(said).execute("--config=" + file));
            assertTrue(said.toString().startsWith("error: "), said::toString);
        }
    }

    private static CommandLine command(StringWriter said) {
        return new CommandLine(new SchedulerCommand()).setErr(new PrintWriter(said));
    }

    @Test
    void flagsThatMakeNoSenseAreRefused() {
        String missing = "--config=" + folder.resolve("missing");
        for (String flag : List.of(
                "--leader-elect-renew-deadline=20s", "--pod-max-in-unschedulable-pods-duration=soon", missing)) {
            StringWriter said = new StringWriter();
            assertEquals(2, command(said).execute(flag));
            String name = flag.substring(0, flag.indexOf('='));
            assertTrue(said.toString().lines().findFirst().orElse("").contains(name), said::toString);
        }
    }
}
