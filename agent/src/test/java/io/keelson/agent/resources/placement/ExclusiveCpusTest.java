package io.keelson.agent.resources.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.grpc.Status;
import io.keelson.agent.cri.FakeRuntime;
import io.keelson.agent.cri.ObserverMetrics;
import io.keelson.agent.cri.ObserverSettings;
import io.keelson.agent.cri.RuntimeObserver;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.cri.TestPods;
import io.keelson.agent.pods.PodProblem;
import io.keelson.controllers.testing.ManualTime;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExclusiveCpusTest {
    @TempDir
    private Path folder;

    private ExclusiveCpus open(int cores, int threads, boolean wholeCores) throws IOException {
        return new ExclusiveCpus(
                folder.resolve("cpu_manager_state"),
                CpuChoiceTest.machine(1, cores, threads),
                CpuSet.parse("0"),
                wholeCores);
    }

    private static Container container(String name, String cpu) {
        Map<String, Quantity> all = Map.of("cpu", new Quantity(cpu), "memory", new Quantity("1Gi"));
        return new ContainerBuilder()
                .withName(name)
                .withNewResources()
                .withRequests(all)
                .withLimits(all)
                .endResources()
                .build();
    }

    private static Pod pod(String uid, List<Container> inits, Container... containers) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(uid)
                .withUid(uid)
                .endMetadata()
                .withNewSpec()
                .withInitContainers(inits)
                .withContainers(containers)
                .endSpec()
                .build();
    }

    @Test
    void wholeProcessorsOfGuaranteedPodsAreTheirsAloneAndOthersShareTheRest() throws Exception {
        ExclusiveCpus cpus = open(8, 1, false);
        cpus.admit(pod("a", List.of(), container("two", "2"), container("part", "1500m")));
        assertEquals("1-2", cpus.of("a", "two").toString());
        assertEquals("0,3-7", cpus.of("a", "part").toString());
        assertEquals("0,3-7", cpus.of("other", "c").toString());
        assertTrue(cpus.own("a", "part").isEmpty());
        Pod burstable = new PodBuilder(pod("b", List.of(), container("c", "2")))
                .editSpec()
                .editFirstContainer()
                .editResources()
                .addToLimits("cpu", new Quantity("3"))
                .endResources()
                .endContainer()
                .endSpec()
                .build();
        cpus.admit(burstable);
        assertEquals(Set.of("a"), cpus.pods());
        cpus.release("a");
        cpus.release("a");
        assertEquals("0-7", cpus.of("a", "two").toString());
    }

    @Test
    void whatInitContainersHadGoesToTheContainersAfterThem() throws Exception {
        ExclusiveCpus cpus = open(8, 1, false);
        Container sidecar = new ContainerBuilder(container("sidecar", "1"))
                .withRestartPolicy("Always")
                .build();
        cpus.admit(pod("a", List.of(container("i", "3"), sidecar, container("j", "2")), container("c", "2")));
        assertEquals("1-3", cpus.of("a", "i").toString());
        assertEquals("1", cpus.of("a", "sidecar").toString());
        assertEquals("2-3", cpus.of("a", "j").toString());
        assertEquals("2-3", cpus.of("a", "c").toString());
        assertEquals("0,4-7", cpus.of("b", "c").toString());
    }

    @Test
    void aPodThatCannotHaveAllHasNothing() throws Exception {
        ExclusiveCpus cpus = open(4, 1, false);
        PodProblem problem = assertThrows(
                PodProblem.class, () -> cpus.admit(pod("a", List.of(), container("c", "2"), container("d", "2"))));
        assertEquals(
                "Allocate failed due to not enough cpus available to satisfy request: requested=2, "
                        + "available=1, which is "
                        + "unexpected",
                problem.message());
        assertFalse(cpus.hasOwn("a"));
        assertEquals("0-3", cpus.of("a", "c").toString());
    }

    @Test
    void wholeCoresOrNothing() throws Exception {
        ExclusiveCpus cpus = open(4, 2, true);
        PodProblem problem = assertThrows(PodProblem.class, () -> cpus.admit(pod("a", List.of(), container("c", "3"))));
        assertTrue(problem.message().contains("SMT Alignment Error: requested 3 cpus not multiple cpus per core = 2"));
        cpus.admit(pod("a", List.of(), container("c", "2")));
        assertEquals("1,5", cpus.of("a", "c").toString());
    }

    @Test
    void aRestartGoesOnWhereItEnded() throws Exception {
        open(8, 1, false).admit(pod("a", List.of(), container("c", "2")));
        ExclusiveCpus again = open(8, 1, false);
        assertEquals("1-2", again.of("a", "c").toString());
        again.admit(pod("a", List.of(), container("c", "2")));
        again.admit(pod("b", List.of(), container("c", "1")));
        assertEquals("3", again.of("b", "c").toString());
    }

    @Test
    void theFileIsTheKubelets() throws Exception {
        CpuAccount account = new CpuAccount(
                "none",
                CpuSet.parse("1-3"),
                Map.of("pod", Map.of("container1", CpuSet.parse("4-6"), "container2", CpuSet.parse("1-3"))));
        assertEquals(
                "{\"policyName\":\"none\",\"defaultCpuSet\":\"1-3\",\"entries\":{\"pod\":{\"container1\":\"4-6\","
                        + "\"container2\":\"1-3\"}},\"checksum\":3610638499}",
                account.json());
        assertEquals(account, CpuAccount.parse(account.json()));
        String empty = "{\"policyName\":\"none\",\"defaultCPUSet\":\"4-6\",\"entries\":{},\"checksum\":354655845}";
        assertEquals("4-6", CpuAccount.parse(empty).shared().toString());
    }

    @Test
    void aFileThatIsDamagedOrOfAnotherMachineIsNotUsed() throws Exception {
        Path file = folder.resolve("cpu_manager_state");
        for (String damaged : List.of(
                "",
                "{",
                "{\"policyName\":\"static\",\"defaultCpuSet\":\"0-3\",\"checksum\":1}",
                "{\"policyName\":\"static\",\"defaultCpuSet\":\"x\",\"checksum\":0}",
                "{\"policyName\":\"none\",\"defaultCpuSet\":\"\",\"checksum\":0}",
                "{\"policyName\":\"static\",\"defaultCpuSet\":\"0-1\",\"checksum\":0}",
                "{\"policyName\":\"static\",\"defaultCpuSet\":\"1-3\","
                        + "\"entries\":{\"a\":{\"c\":\"0\"}},\"checksum\":0}",
                "{\"policyName\":\"static\",\"defaultCpuSet\":\"0-3\","
                        + "\"entries\":{\"a\":{\"c\":\"3\"}},\"checksum\":0}")) {
            Files.writeString(file, damaged);
            IOException refusal = assertThrows(IOException.class, () -> open(4, 1, false));
            assertTrue(String.valueOf(refusal.getMessage()).contains("delete the CPU manager checkpoint file"));
        }
        Files.writeString(file, "{\"policyName\":\"static\",\"defaultCpuSet\":\"0-3\",\"checksum\":0}");
        assertEquals("0-3", open(4, 1, false).of("a", "c").toString());
    }

    @Test
    void theSystemNeedsAtLeastOneProcessor() {
        CpuTopology topology = CpuChoiceTest.machine(1, 4, 1);
        assertEquals("0-1", ExclusiveCpus.reserve(topology, 1001).toString());
        assertThrows(
                IllegalArgumentException.class,
                () -> new ExclusiveCpus(folder.resolve("s"), topology, ExclusiveCpus.reserve(topology, 0), false));
    }

    @Test
    void containersThatShareAreToldWhenTheRestShrinks() throws Exception {
        ManualTime time = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
        ExclusiveCpus cpus = open(4, 1, false);
        try (FakeRuntime runtime = new FakeRuntime(time);
                RuntimeObserver observer = new RuntimeObserver(
                        runtime.connection(),
                        ObserverSettings.DEFAULTS,
                        time,
                        new ObserverMetrics(new PrometheusRegistry()))) {
            String _ = TestPods.run(runtime, "s", "main");
            RuntimePod _ = observer.refresh("s");
            SharedCpus shared = new SharedCpus(runtime.connection(), observer, cpus);
            shared.reconcile();
            shared.reconcile();
            assertEquals(1, runtime.calls("UpdateContainerResources"));
            assertEquals("0-3", runtime.last("main").getResources().getLinux().getCpusetCpus());
            cpus.admit(pod("a", List.of(), container("c", "2")));
            runtime.failOnce("UpdateContainerResources", Status.UNAVAILABLE);
            shared.reconcile();
            assertEquals("0-3", runtime.last("main").getResources().getLinux().getCpusetCpus());
            shared.reconcile();
            assertEquals("0,3", runtime.last("main").getResources().getLinux().getCpusetCpus());
        }
    }
}
