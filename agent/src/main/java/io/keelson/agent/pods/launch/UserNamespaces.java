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
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which users of the node those of a pod with users of its own are: 65,536 for each pod, in blocks that no two pods
 * share and of which the first, which the node itself uses, is never given. Which block a pod has is in a file of the
 * pod's folder, so that another start of the agent gives it to nobody else.
 */
public final class UserNamespaces {
    private static final Logger LOG = LoggerFactory.getLogger(UserNamespaces.class);
    private static final int LENGTH = 65_536;
    private static final int BLOCKS = 65_535;
    private static final int FILE_MAX = 64 * 1024;
    private static final String FILE = "userns";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final PodFolders folders;
    private final Map<String, Integer> blocks = new HashMap<>();
    private final BitSet taken = new BitSet(BLOCKS + 1);

    /** Knows what was given before. */
    public UserNamespaces(PodFolders folders) {
        this.folders = folders;
        taken.set(0);
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
            long first = mapping.path("hostId").asLong(-1);
            if (first <= 0 || first % LENGTH != 0 || first / LENGTH > BLOCKS) {
                throw new IOException("it does not say which users");
            }
            int block = Math.toIntExact(first / LENGTH);
            blocks.put(uid, block);
            taken.set(block);
        } catch (IOException e) {
            LOG.warn("{} is not used: {}", file, e.getMessage());
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
        Integer block = blocks.get(uid);
        if (block == null) {
            int free = taken.nextClearBit(1);
            if (free > BLOCKS) {
                throw new PodProblem(
                        "ContainerCreating", "FailedCreatePodSandBox", "no users are left for another pod of its own");
            }
            write(uid, free);
            taken.set(free);
            blocks.put(uid, free);
            block = free;
        }
        return List.of(IDMapping.newBuilder()
                .setHostId(block * LENGTH)
                .setContainerId(0)
                .setLength(LENGTH)
                .build());
    }

    private void write(String uid, int block) throws PodProblem {
        ObjectNode root = JSON.createObjectNode();
        for (String list : List.of("uidMappings", "gidMappings")) {
            root.putArray(list)
                    .addObject()
                    .put("hostId", (long) block * LENGTH)
                    .put("containerId", 0)
                    .put("length", LENGTH);
        }
        try {
            PodFolders.make(folders.pod(uid));
            WholeFile.write(folders.pod(uid).resolve(FILE), JSON.writeValueAsBytes(root));
        } catch (IOException e) {
            throw new PodProblem(
                    "ContainerCreating", "FailedCreatePodSandBox", "the pod's users cannot be noted: " + e, e);
        }
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
        Integer block = blocks.remove(uid);
        if (block != null) {
            taken.clear(block);
        }
    }
}
