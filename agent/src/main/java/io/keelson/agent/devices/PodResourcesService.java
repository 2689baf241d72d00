package io.keelson.agent.devices;

import io.fabric8.kubernetes.api.model.Pod;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.keelson.agent.devices.DeviceAccount.Given;
import io.keelson.agent.pods.AgentPods;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.resources.placement.CpuSet;
import io.keelson.agent.resources.placement.ExclusiveCpus;
import io.keelson.agent.wire.podresources.AllocatableResourcesRequest;
import io.keelson.agent.wire.podresources.AllocatableResourcesResponse;
import io.keelson.agent.wire.podresources.ContainerDevices;
import io.keelson.agent.wire.podresources.ContainerResources;
import io.keelson.agent.wire.podresources.GetPodResourcesRequest;
import io.keelson.agent.wire.podresources.GetPodResourcesResponse;
import io.keelson.agent.wire.podresources.ListPodResourcesRequest;
import io.keelson.agent.wire.podresources.ListPodResourcesResponse;
import io.keelson.agent.wire.podresources.NUMANode;
import io.keelson.agent.wire.podresources.PodResources;
import io.keelson.agent.wire.podresources.PodResourcesListerGrpc;
import io.keelson.agent.wire.podresources.TopologyInfo;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Tells those who watch over a node which devices and which processors its containers have to themselves; to be
 * answered at {@code pod-resources/kubelet.sock} in the agent's root.
 */
public final class PodResourcesService extends PodResourcesListerGrpc.PodResourcesListerImplBase {
    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

    private final AgentPods pods;
    private final NodeDevices devices;
    private final Optional<ExclusiveCpus> processors;

    /** @param processors who has some alone; empty if nobody may */
    public PodResourcesService(AgentPods pods, NodeDevices devices, Optional<ExclusiveCpus> processors) {
        this.pods = pods;
        this.devices = devices;
        this.processors = processors;
    }

    @Override
    public void list(ListPodResourcesRequest request, StreamObserver<ListPodResourcesResponse> answer) {
        ListPodResourcesResponse.Builder all = ListPodResourcesResponse.newBuilder();
        pods.pods().stream().filter(PodResourcesService::isActive).forEach(pod -> all.addPodResources(of(pod)));
        answer.onNext(all.build());
        answer.onCompleted();
    }

    private static boolean isActive(Pod pod) {
        return pod.getStatus() == null
                || !ENDED.contains(OrEmpty.of(pod.getStatus().getPhase()));
    }

    @Override
    public void get(GetPodResourcesRequest request, StreamObserver<GetPodResourcesResponse> answer) {
        Optional<Pod> found = pods.find(request.getPodNamespace(), request.getPodName(), "");
        if (found.isEmpty()) {
            answer.onError(Status.UNKNOWN
                    .withDescription(
                            "pod " + request.getPodName() + " in namespace " + request.getPodNamespace() + " not found")
                    .asException());
            return;
        }
        answer.onNext(GetPodResourcesResponse.newBuilder()
                .setPodResources(of(found.get()))
                .build());
        answer.onCompleted();
    }

    @Override
    public void getAllocatableResources(
            AllocatableResourcesRequest request, StreamObserver<AllocatableResourcesResponse> answer) {
        AllocatableResourcesResponse.Builder all = AllocatableResourcesResponse.newBuilder();
        devices.available().forEach((resource, known) -> all.addAllDevices(told(resource, known)));
        processors.ifPresent(cpus -> cpus.allocatable().numbers().forEach(number -> all.addCpuIds(number.longValue())));
        answer.onNext(all.build());
        answer.onCompleted();
    }

    private PodResources of(Pod pod) {
        PodResources.Builder all = PodResources.newBuilder()
                .setName(pod.getMetadata().getName())
                .setNamespace(pod.getMetadata().getNamespace());
        List<PodContainer> containers = new ArrayList<>(PodContainers.initial(pod));
        containers.removeIf(container -> container.sort() != PodContainer.Sort.SIDECAR);
        containers.addAll(PodContainers.ordinary(pod));
        String uid = pod.getMetadata().getUid();
        for (PodContainer container : containers) {
            ContainerResources.Builder one = ContainerResources.newBuilder().setName(container.name());
            devices.allocated(uid, container.name())
                    .forEach((resource, given) -> one.addAllDevices(told(resource, given)));
            processors
                    .flatMap(cpus -> cpus.own(uid, container.name()))
                    .map(CpuSet::numbers)
                    .ifPresent(numbers -> numbers.forEach(number -> one.addCpuIds(number.longValue())));
            all.addContainers(one);
        }
        return all.build();
    }

    private static List<ContainerDevices> told(String resource, Given given) {
        Map<String, List<Long>> nodes = new TreeMap<>();
        given.byNode()
                .forEach((node, ids) -> ids.forEach(id -> {
                    List<Long> near = nodes.computeIfAbsent(id, any -> new ArrayList<>());
                    if (node >= 0) {
                        near.add(node);
                    }
                }));
        return told(
                resource,
                nodes.entrySet().stream()
                        .map(entry -> new KnownDevice(entry.getKey(), true, entry.getValue()))
                        .toList());
    }

    /** Each device alone, once for each node of memory that it is near to. */
    private static List<ContainerDevices> told(String resource, Collection<KnownDevice> known) {
        List<ContainerDevices> all = new ArrayList<>();
        for (KnownDevice device : known) {
            ContainerDevices.Builder one =
                    ContainerDevices.newBuilder().setResourceName(resource).addDeviceIds(device.id());
            if (device.nodes().isEmpty()) {
                all.add(one.build());
            }
            for (long node : device.nodes()) {
                all.add(one.setTopology(TopologyInfo.newBuilder()
                                .addNodes(NUMANode.newBuilder().setID(node)))
                        .build());
            }
        }
        return all;
    }
}
