package io.keelson.agent.pods.work;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.pods.PodFolders;
import io.keelson.agent.pods.PodQuality;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.pods.Resources;
import io.keelson.controllers.objects.Milli;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What processors and memory each pod was given. A pod is given what it asks for when it is let in. If it asks for
 * something else later, it is given that if the node has it, and until then keeps what it has. What it was given is in
 * a file of its folder, which also says that it was let in: a restart of the agent gives to nobody twice and takes from
 * nobody.
 */
public final class Allocations {
    private static final Logger LOG = LoggerFactory.getLogger(Allocations.class);
    private static final String FILE = "allocated.json";
    private static final long FILE_MAX = 1024 * 1024;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final PodFolders folders;
    private final Supplier<@Nullable Node> node;
    private final boolean exclusiveCpus;
    private final Map<String, Given> known = new ConcurrentHashMap<>();
    /** Uids of pods that are about to be let in. */
    private final Set<String> reserved = ConcurrentHashMap.newKeySet();

    /**
     * What a pod has.
     *
     * @param containers by their names
     * @param whole of the pod as a whole; null if it says nothing
     * @param running what runs were told, by their ids, and what the pod as a whole had, by that of its sandbox, where it
     *     may be another than what was given
     */
    private record Given(
            Map<String, ResourceRequirements> containers,
            @Nullable ResourceRequirements whole,
            Map<String, ResourceRequirements> running) {}

    /**
     * What a pod runs with.
     *
     * @param pod with the resources that it was given
     * @param pending why it does not have what it asks for; empty if it has
     */
    record Decision(Pod pod, Optional<PodCondition> pending) {}

    /**
     * Reads what was given before when it is asked for.
     *
     * @param exclusiveCpus whether containers may have processors of their own
     */
    public Allocations(PodFolders folders, Supplier<@Nullable Node> node, boolean exclusiveCpus) {
        this.folders = folders;
        this.node = node;
        this.exclusiveCpus = exclusiveCpus;
    }

    private Path file(String uid) {
        return folders.pod(uid).resolve(FILE);
    }

    /** Uids of all pods that were let in and whose folders are there still. */
    Set<String> noted() {
        Set<String> uids = new HashSet<>();
        Path pods = folders.root().resolve("pods");
        if (!Files.isDirectory(pods)) {
            return uids;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(pods)) {
            for (Path folder : all) {
                if (Files.isRegularFile(folder.resolve(FILE))) {
                    uids.add(folder.getFileName().toString());
                }
            }
        } catch (IOException e) {
            LOG.warn("which pods were let in before cannot be read in {}: {}", pods, e.toString());
        }
        return uids;
    }

    /** Whether a pod was let in, now or before a restart. */
    boolean isKnown(String uid) {
        return given(uid).isPresent();
    }

    private Optional<Given> given(String uid) {
        Given found = known.get(uid);
        if (found != null) {
            return Optional.of(found);
        }
        Path file = file(uid);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            if (Files.size(file) > FILE_MAX) {
                throw new IOException("it is too long");
            }
            JsonNode root = JSON.readTree(file.toFile());
            JsonNode whole = root.path("pod");
            Given read = new Given(
                    map(root.path("containers")),
                    whole.isObject() ? JSON.treeToValue(whole, ResourceRequirements.class) : null,
                    map(root.path("running")));
            known.put(uid, read);
            return Optional.of(read);
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("{} is not used: {}", file, e.getMessage());
            return Optional.empty();
        }
    }

    private static Map<String, ResourceRequirements> map(JsonNode node) throws IOException {
        return node.isObject()
                ? JSON.convertValue(node, new TypeReference<Map<String, ResourceRequirements>>() {})
                : Map.of();
    }

    private void put(String uid, Given given) {
        ObjectNode root = JSON.createObjectNode();
        root.set("containers", JSON.valueToTree(given.containers()));
        root.set("pod", JSON.valueToTree(given.whole()));
        root.set("running", JSON.valueToTree(given.running()));
        try {
            PodFolders.make(folders.pod(uid));
            WholeFile.write(file(uid), JSON.writeValueAsBytes(root));
        } catch (IOException e) {
            throw new UncheckedIOException("what pod " + uid + " was given cannot be noted in " + file(uid), e);
        }
        known.put(uid, given);
    }

    /**
     * What a pod asks for is kept for it until it is let in or gone, but no longer than this agent lives. To be called
     * under the lock of this, with the look whether it fits.
     */
    void reserve(Pod pod) {
        reserved.add(pod.getMetadata().getUid());
    }

    /** Whether something of the node is for a pod: it was let in, or is about to be. */
    boolean isCounted(String uid) {
        return reserved.contains(uid) || isKnown(uid);
    }

    /** A pod is let in, with what it asks for. */
    void admit(Pod pod) {
        String uid = pod.getMetadata().getUid();
        put(uid, asked(pod, Map.of()));
        reserved.remove(uid);
    }

    private static Given asked(Pod pod, Map<String, ResourceRequirements> running) {
        Map<String, ResourceRequirements> containers = new HashMap<>();
        for (PodContainer container : PodContainers.all(pod)) {
            ResourceRequirements resources = container.container().getResources();
            containers.put(container.name(), resources == null ? new ResourceRequirements() : resources);
        }
        return new Given(containers, pod.getSpec().getResources(), running);
    }

    /** What runs were told, where the agent stopped before they could be told what their containers were given. */
    Map<String, ResourceRequirements> running(String uid) {
        return given(uid).map(Given::running).orElse(Map.of());
    }

    /** All runs of a pod have been told. */
    void settled(String uid) {
        given(uid)
                .filter(given -> !given.running().isEmpty())
                .ifPresent(given -> put(uid, new Given(given.containers(), given.whole(), Map.of())));
    }

    /** A pod with what it was given. */
    Pod current(Pod pod) {
        return given(pod.getMetadata().getUid()).map(given -> with(pod, given)).orElse(pod);
    }

    /**
     * What a pod runs with now. Gives it what it asks for, if that is something else and the node has it.
     *
     * @param others the pods that have something here
     * @param running what its runs were told
     */
    Decision consider(Pod pod, Supplier<Collection<Pod>> others, Map<String, ResourceRequirements> running) {
        String uid = pod.getMetadata().getUid();
        Optional<Given> given = given(uid);
        if (given.isEmpty()) {
            return new Decision(pod, Optional.empty());
        }
        Pod before = with(pod, given.get());
        if (isSame(pod, before)) {
            return new Decision(before, Optional.empty());
        }
        // One at a time, as admission is: two must not both get what is left.
        synchronized (this) {
            Optional<PodCondition> refusal = refusal(before, pod, others.get());
            if (refusal.isPresent()) {
                return new Decision(before, refusal);
            }
            put(uid, asked(pod, running));
        }
        return new Decision(pod, Optional.empty());
    }

    private static boolean isSame(Pod one, Pod other) {
        Map<String, ResourceRequirements> resources = new HashMap<>();
        PodContainers.all(other)
                .forEach(container ->
                        resources.put(container.name(), container.container().getResources()));
        return PodContainers.all(one).stream()
                        .allMatch(container -> Resources.sameChangeable(
                                container.container().getResources(), resources.get(container.name())))
                && Resources.sameChangeable(
                        one.getSpec().getResources(), other.getSpec().getResources());
    }

    private static boolean cpuDiffers(Pod before, Pod pod) {
        List<PodContainer> had = PodContainers.all(before);
        List<PodContainer> wants = PodContainers.all(pod);
        for (int i = 0; i < wants.size(); i++) {
            if (Resources.changed(
                            had.get(i).container().getResources(),
                            wants.get(i).container().getResources())
                    .contains("cpu")) {
                return true;
            }
        }
        return Resources.changed(before.getSpec().getResources(), pod.getSpec().getResources())
                .contains("cpu");
    }

    private static Pod with(Pod pod, Given given) {
        PodBuilder built = new PodBuilder(pod);
        built.editSpec()
                .withInitContainers(with(OrEmpty.of(pod.getSpec().getInitContainers()), given))
                .withContainers(with(OrEmpty.of(pod.getSpec().getContainers()), given))
                .withResources(given.whole())
                .endSpec();
        return built.build();
    }

    private static List<Container> with(List<Container> containers, Given given) {
        return containers.stream()
                .map(container -> {
                    ResourceRequirements resources = given.containers().get(container.getName());
                    return resources == null
                            ? container
                            : new ContainerBuilder(container)
                                    .withResources(resources)
                                    .build();
                })
                .toList();
    }

    private Optional<PodCondition> refusal(Pod before, Pod pod, Collection<Pod> others) {
        if (PodTraits.isStatic(pod)) {
            return pending(pod, "Infeasible", "In-place resize of static-pods is not supported");
        }
        if (exclusiveCpus && PodQuality.of(pod).equals("Guaranteed") && cpuDiffers(before, pod)) {
            return pending(
                    pod,
                    "Infeasible",
                    "Resize is infeasible for Guaranteed Pods alongside CPU Manager policy \"static\"");
        }
        Node here = node.get();
        Map<String, Quantity> allocatable = here == null || here.getStatus() == null
                ? Map.of()
                : OrEmpty.of(here.getStatus().getAllocatable());
        Map<String, Long> wanted = Resources.requests(pod);
        for (String name : List.of("cpu", "memory")) {
            long unit = name.equals("cpu") ? 1 : 1000;
            long asked = wanted.getOrDefault(name, 0L);
            if (!allocatable.containsKey(name) || asked == 0) {
                continue;
            }
            long capacity = Milli.of(allocatable.get(name));
            if (asked > capacity) {
                return pending(
                        pod,
                        "Infeasible",
                        "Node didn't have enough capacity: " + name + ", requested: " + asked / unit + ", capacity: "
                                + capacity / unit);
            }
            long used = Milli.sum(others.stream()
                    .map(other -> Resources.requests(other).getOrDefault(name, 0L))
                    .toList());
            if (asked > capacity - used) {
                return pending(
                        pod,
                        "Deferred",
                        "Node didn't have enough resource: " + name + ", requested: " + asked / unit + ", used: "
                                + used / unit + ", capacity: " + capacity / unit);
            }
        }
        return Optional.empty();
    }

    private static Optional<PodCondition> pending(Pod pod, String reason, String message) {
        return Optional.of(condition(pod, "PodResizePending", reason, message));
    }

    /** A condition that holds. */
    static PodCondition condition(Pod pod, String type, @Nullable String reason, @Nullable String message) {
        return new PodConditionBuilder()
                .withType(type)
                .withStatus("True")
                .withReason(reason)
                .withMessage(message)
                .withObservedGeneration(pod.getMetadata().getGeneration())
                .build();
    }

    /** A pod is gone. */
    void forget(String uid) {
        known.remove(uid);
        reserved.remove(uid);
        try {
            Files.deleteIfExists(file(uid));
        } catch (IOException e) {
            LOG.warn("{} is not removed: {}", file(uid), e.toString());
        }
    }
}
