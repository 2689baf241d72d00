package io.keelson.scheduler.state;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PodRequestsTest {
    private static final long MIB = 1024 * 1024;

    private final ResourceTable table = new ResourceTable();

    private static Container container(String name, Map<String, Quantity> requests) {
        return new ContainerBuilder()
                .withName(name)
                .withNewResources()
                .withRequests(requests)
                .endResources()
                .build();
    }

    private static Container cpus(String name, String amount) {
        return container(name, Map.of("cpu", new Quantity(amount)));
    }

    private static Container sidecar(String name, String amount) {
        return new ContainerBuilder(cpus(name, amount))
                .withRestartPolicy("Always")
                .build();
    }

    private static PodBuilder pod(Container... containers) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("pod")
                .endMetadata()
                .withNewSpec()
                .withContainers(containers)
                .endSpec();
    }

    private static PodBuilder withInit(PodBuilder pod, Container... containers) {
        return pod.editSpec().withInitContainers(containers).endSpec();
    }

    private long cpu(PodBuilder pod) {
        return PodRequests.of(pod.build(), table).get(ResourceTable.CPU);
    }

    private long usual(Pod pod, int resource) {
        return PodRequests.usual(pod, table).get(resource);
    }

    @Test
    void containersAddUpAndEachPodIsOnePod() {
        assertEquals(3000, cpu(pod(cpus("a", "1"), cpus("b", "2"))));
        assertEquals(1, PodRequests.of(pod().build(), table).get(ResourceTable.PODS));
    }

    @Test
    void ofInitContainersTheLargestCounts() {
        assertEquals(3000, cpu(withInit(pod(cpus("a", "1")), cpus("i", "3"), cpus("j", "2"))));
        assertEquals(1000, cpu(withInit(pod(cpus("a", "1")), cpus("i", "500m"))));
    }

    @Test
    void aSidecarAddsToAllThatComesAfterIt() {
        PodBuilder two = pod(cpus("a", "1"), cpus("b", "1"));
        assertEquals(3000, cpu(withInit(two, cpus("i", "3"), sidecar("s", "1"), cpus("j", "1"))));
        assertEquals(4000, cpu(withInit(pod(cpus("a", "1")), sidecar("s", "1"), cpus("i", "3"))));
        assertEquals(2000, cpu(withInit(pod(cpus("a", "1")), sidecar("s", "1"))));
    }

    @Test
    void overheadComesOnTopOfEverything() {
        PodBuilder pod = pod(cpus("a", "1"))
                .editSpec()
                .addToOverhead("cpu", new Quantity("250m"))
                .endSpec();
        assertEquals(1250, cpu(pod));
        assertEquals(3250, cpu(withInit(pod, cpus("i", "3"))));
    }

    @Test
    void whatThePodAsAWholeRequestsStandsForItsContainers() {
        PodBuilder pod = pod(cpus("a", "1"), container("b", Map.of("memory", new Quantity("1Mi"))))
                .editSpec()
                .withNewResources()
                .addToRequests("cpu", new Quantity("5"))
                .endResources()
                .addToOverhead("cpu", new Quantity("1"))
                .endSpec();
        assertEquals(6000, cpu(pod));
        assertEquals(MIB, PodRequests.of(pod.build(), table).get(ResourceTable.MEMORY));
    }

    @Test
    void containersThatRequestNothingCountForSomethingWhenNodesAreCompared() {
        Pod pod = pod(container("a", Map.of()), cpus("b", "0")).build();
        assertEquals(100, usual(pod, ResourceTable.CPU));
        assertEquals(400 * MIB, usual(pod, ResourceTable.MEMORY));
        assertEquals(0, PodRequests.of(pod, table).get(ResourceTable.CPU));
    }

    @Test
    void thereIsNothingUsualForWhatThePodAsAWholeRequests() {
        Pod pod = pod(container("a", Map.of()), container("b", Map.of("memory", new Quantity("1Mi"))))
                .editSpec()
                .withNewResources()
                .addToRequests("cpu", new Quantity("1"))
                .endResources()
                .endSpec()
                .build();
        assertEquals(1000, usual(pod, ResourceTable.CPU));
        assertEquals(MIB, usual(pod, ResourceTable.MEMORY));
    }

    private static PodBuilder resized(String specified, String allocated, String actual) {
        return pod(cpus("a", specified))
                .withNewStatus()
                .addNewContainerStatus()
                .withName("a")
                .addToAllocatedResources("cpu", new Quantity(allocated))
                .withNewResources()
                .addToRequests("cpu", new Quantity(actual))
                .endResources()
                .endContainerStatus()
                .endStatus();
    }

    @Test
    void aContainerThatIsBeingResizedCountsForTheMostItMayHave() {
        assertEquals(3000, cpu(resized("1", "1", "3")));
        assertEquals(3000, cpu(resized("1", "3", "1")));
        assertEquals(3000, cpu(resized("3", "1", "1")));
    }

    @Test
    void aResizeThatTheNodeCanNeverDoDoesNotCount() {
        PodBuilder pod = resized("30", "2", "1")
                .editStatus()
                .addNewCondition()
                .withType("PodResizePending")
                .withReason("Infeasible")
                .withStatus("True")
                .endCondition()
                .endStatus();
        assertEquals(2000, cpu(pod));
    }
}
