package io.keelson.agent.pods.launch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.PodFolders;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.wire.cri.IDMapping;
import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which users of the node those of a pod with users of its own are: as many for each pod, in blocks that no two pods
 * share, and none of them the node's own. Which block a pod has is in a file of the pod's folder, so that another start
 * of the agent gives it to nobody else, also if it is to give out other blocks.
 */
public final class UserNamespaces {
    private static final Logger LOG = LoggerFactory.getLogger(UserNamespaces.class);
    private static final long IDS = 1L << 32;
    private static final int FILE_MAX = 64 * 1024;
    private static final String FILE = "userns";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final PodFolders folders;
    private final UserRanges ranges;
    private final UserSupport support;
    private final Map<String, Block> blocks = new HashMap<>();

    /** Users of the node, one after the other. */
    private record Block(long first, long length) {
        boolean meets(Block other) {
            return first < other.first + other.length && other.first < first + length;
        }
    }

    /** Knows what was given before. */
    public UserNamespaces(PodFolders folders, UserRanges ranges, UserSupport support) {
        this.folders = folders;
        this.ranges = ranges;
        this.support = support;
        Path pods = folders.root().resolve("pods");
        if (!Files.isDirectory(pods)) {
            return;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(pods)) {
            for (Path pod : all) {
                read(pod.getFileName().toString(), pod.resolve(FILE));
            }
        } catch (IOException e) {
            LOG.warn("which users pods have cannot be read in {}: {}", pods, e.toString());
        }
    }

    private void read(String uid, Path file) {
        if (!Files.isRegularFile(file)) {
            return;
        }
        try {
            if (Files.size(file) > FILE_MAX) {
                throw new IOException("it is too long");
            }
            JsonNode mapping = JSON.readTree(file.toFile()).path("uidMappings").path(0);
            Block block = new Block(
                    mapping.path("hostId").asLong(-1), mapping.path("length").asLong(-1));
            if (block.first < UserRanges.USUAL_PER_POD || block.length <= 0 || block.first + block.length > IDS) {
                throw new IOException("it does not say which users");
            }
            blocks.put(uid, block);
        } catch (IOException e) {
            LOG.warn("{} is not used: {}", file, e.getMessage());
        }
    }

    /**
     * Refuses a pod whose users are to be its own, where the runtime would give it the node's.
     *
     * @param handler the runtime's, for this pod
     * @throws PodProblem {@code FailedCreatePodSandBox}
     */
    void requireSupport(Pod pod, String handler) throws PodProblem {
        Optional<String> problem = PodTraits.hasOwnUsers(pod) ? support.problem(handler) : Optional.empty();
        if (problem.isPresent()) {
            throw failed(problem.get());
        }
    }

    /**
     * The users of a pod; none if it has the node's.
     *
     * @throws PodProblem if there are none left, or the file cannot be written
     */
    public synchronized List<IDMapping> of(Pod pod) throws PodProblem {
        if (!PodTraits.hasOwnUsers(pod)) {
            return List.of();
        }
        String uid = pod.getMetadata().getUid();
        Block block = blocks.get(uid);
        if (block == null) {
            block = free();
            write(uid, block);
            blocks.put(uid, block);
        }
        // Numbers of the kernel have all 32 bits.
        return List.of(IDMapping.newBuilder()
                .setHostId((int) block.first)
                .setContainerId(0)
                .setLength((int) block.length)
                .build());
    }

    private Block free() throws PodProblem {
        for (int i = 0; i < ranges.count(); i++) {
            Block block = new Block(ranges.first() + i * ranges.perPod(), ranges.perPod());
            if (blocks.values().stream().noneMatch(block::meets)) {
                return block;
            }
        }
        throw failed("could not find an empty slot to allocate a user namespace: " + blocks.size()
                + " pods of this node have one; raise maxPods, or what /etc/subuid and /etc/subgid give to kubelet");
    }

    private void write(String uid, Block block) throws PodProblem {
        ObjectNode root = JSON.createObjectNode();
        for (String list : List.of("uidMappings", "gidMappings")) {
            root.putArray(list)
                    .addObject()
                    .put("hostId", block.first)
                    .put("containerId", 0)
                    .put("length", block.length);
        }
        try {
            PodFolders.make(folders.pod(uid));
            WholeFile.write(folders.pod(uid).resolve(FILE), JSON.writeValueAsBytes(root));
        } catch (IOException e) {
            throw new PodProblem(
                    "ContainerCreating", "FailedCreatePodSandBox", "the pod's users cannot be noted: " + e, e);
        }
    }

    private static PodProblem failed(String why) {
        return new PodProblem("ContainerCreating", "FailedCreatePodSandBox", "Failed to create pod sandbox: " + why);
    }

    /**
     * A pod is gone, and its users are free.
     *
     * @throws PodProblem if its file cannot be deleted; they are still the pod's then
     */
    public synchronized void release(String uid) throws PodProblem {
        try {
            // First: another start would believe it when somebody else has these users.
            Files.deleteIfExists(folders.pod(uid).resolve(FILE));
        } catch (IOException e) {
            throw new PodProblem("", "", "the pod's users cannot be given back: " + e, e);
        }
        blocks.remove(uid);
    }
}
