package io.keelson.agent.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keelson.agent.wire.cri.Image;
import io.keelson.controllers.process.WholeFile;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers which images an agent pulled, and as whom, over restarts: the files of the kubelet under {@code
 * image_manager}. That an image is going to be pulled is written before; so of one that is there although the agent
 * died meanwhile is known that it was not put there by others. Files are small; they are read and written one at a
 * time.
 */
public final class PullRecords {
    private static final Logger LOG = LoggerFactory.getLogger(PullRecords.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BYTES_MAX = 1 << 20;

    private final Path pulling;
    private final Path pulled;
    private final CredentialPolicy policy;
    private final Time time;
    /** How many pulls of an image there are now. */
    private final Map<String, Integer> intents = new HashMap<>();

    /**
     * Opens the records.
     *
     * @param folder {@code image_manager} in the agent's root; made if it is not there
     * @throws IOException if it cannot be made
     */
    public PullRecords(Path folder, CredentialPolicy policy, Time time) throws IOException {
        this.policy = policy;
        this.time = time;
        pulling = folder.resolve("pulling");
        pulled = folder.resolve("pulled");
        for (Path each : List.of(pulling, pulled)) {
            Files.createDirectories(
                    each, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }

    /**
     * Makes records of what was being pulled when the agent ended, and is there now: nobody knows as whom, so everybody
     * has to show that he may. Once, before the first pull.
     *
     * @param images all that the runtime has
     */
    public synchronized void recover(Collection<Image> images) {
        for (Path file : files(pulling)) {
            try {
                JsonNode intent = JSON.readTree(read(file).orElse(""));
                String name = intent.path("image").asText("");
                ImageName image = ImageName.parse(name);
                for (Image there : images) {
                    if (there.getRepoTagsList().contains(image.qualified())
                            || there.getRepoDigestsList().contains(image.qualified())) {
                        Path record = file(pulled, there.getId());
                        if (record(record).isEmpty()) {
                            WholeFile.writeDurably(
                                    record, new PullRecord(time.instant(), there.getId(), Map.of()).json());
                        }
                    }
                }
            } catch (IOException | IllegalArgumentException e) {
                LOG.warn("{} cannot be read and is removed: {}", file, e.getMessage());
            }
            remove(file);
        }
    }

    /**
     * Says that an image is going to be pulled.
     *
     * @throws IOException if that cannot be written; it must not be pulled then
     */
    synchronized void begin(ImageName image) throws IOException {
        String name = image.qualified();
        if (!intents.containsKey(name)) {
            WholeFile.writeDurably(
                    file(pulling, name),
                    JSON.createObjectNode()
                            .put("kind", "ImagePullIntent")
                            .put("apiVersion", "kubelet.config.k8s.io/v1beta1")
                            .put("image", name)
                            .toString());
        }
        intents.merge(name, 1, Integer::sum);
    }

    /** Says that a pull which began has failed. */
    synchronized void failed(ImageName image) {
        end(image);
    }

    /**
     * Says that a pull which began went well.
     *
     * @param id the image's
     * @param secret whose password was used; empty for that of the node, or none
     */
    synchronized void succeeded(ImageName image, String id, Optional<SecretIdentity> secret) {
        try {
            add(image, id, secret);
        } catch (IOException e) {
            // The intent stays, so that what nobody can use without a password is not for everybody.
            LOG.error("Cannot write that {} was pulled: {}", image.qualified(), e.getMessage());
            return;
        }
        end(image);
    }

    private void end(ImageName image) {
        String name = image.qualified();
        if (intents.merge(name, -1, Integer::sum) <= 0) {
            intents.remove(name);
            remove(file(pulling, name));
        }
    }

    private void add(ImageName image, String id, Optional<SecretIdentity> secret) throws IOException {
        Path file = file(pulled, id);
        PullRecord before = new PullRecord(time.instant(), id, Map.of());
        try {
            before = record(file).orElse(before);
        } catch (IOException e) {
            LOG.warn("{} is damaged and is written anew: {}", file, e.getMessage());
        }
        PullRecord.Access known =
                before.access().getOrDefault(image.repository(), new PullRecord.Access(false, List.of()));
        PullRecord.Access access = secret.map(known::with).orElseGet(() -> new PullRecord.Access(true, List.of()));
        if (!access.equals(before.access().get(image.repository()))) {
            WholeFile.writeDurably(
                    file,
                    before.with(image.repository(), access, time.instant()).json());
        }
    }

    /**
     * Whether a pod may use an image that is there without pulling it.
     *
     * @param id the image's
     * @param secrets those of the pod that fit the image; asked only if it matters
     */
    boolean mayUse(ImageName image, String id, Supplier<List<SecretIdentity>> secrets) {
        PullRecord.Access access = access(image, id);
        if (access.everybody()) {
            return true;
        }
        for (SecretIdentity own : access.secrets().isEmpty() ? List.<SecretIdentity>of() : secrets.get()) {
            for (SecretIdentity good : access.secrets()) {
                boolean isOf = good.isOf(own);
                boolean isSameLogin = good.isSameLogin(own);
                if (isOf || isSameLogin) {
                    if (isOf != isSameLogin) {
                        remember(image, id, own);
                    }
                    return true;
                }
            }
        }
        return false;
    }

    /** Who may use an image, by the policy and by what is known; nobody if that cannot be read. */
    private synchronized PullRecord.Access access(ImageName image, String id) {
        PullRecord.Access nobody = new PullRecord.Access(false, List.of());
        try {
            Optional<PullRecord> record = record(file(pulled, id));
            boolean isPulled = record.isPresent() || Files.exists(file(pulling, image.qualified()));
            if (!policy.verifies(image, isPulled)) {
                return new PullRecord.Access(true, List.of());
            }
            return record.map(known -> known.access().get(image.repository())).orElse(nobody);
        } catch (IOException e) {
            LOG.error("Cannot read who may use {}: {}", image.qualified(), e.getMessage());
            return nobody;
        }
    }

    /** A known password in another secret, or another password in a known one, is known from now on. */
    private synchronized void remember(ImageName image, String id, SecretIdentity secret) {
        try {
            add(image, id, Optional.of(secret));
        } catch (IOException e) {
            LOG.warn("Cannot write that {} may be used: {}", image.qualified(), e.getMessage());
        }
    }

    /**
     * Forgets images that are gone.
     *
     * @param ids of those that are there
     * @param until what was written since stays
     */
    synchronized void prune(Set<String> ids, Instant until) {
        for (Path file : files(pulled)) {
            try {
                Optional<PullRecord> record = record(file);
                if (record.isPresent()
                        && !ids.contains(record.get().imageRef())
                        && record.get().updated().isBefore(until)) {
                    remove(file);
                }
            } catch (IOException e) {
                LOG.warn("{} is damaged and is removed: {}", file, e.getMessage());
                remove(file);
            }
        }
    }

    private static Optional<PullRecord> record(Path file) throws IOException {
        Optional<String> text = read(file);
        return text.isEmpty() ? Optional.empty() : Optional.of(PullRecord.parse(text.get()));
    }

    private static Optional<String> read(Path file) throws IOException {
        try {
            if (Files.size(file) > BYTES_MAX) {
                throw new IOException(file + " is larger than " + BYTES_MAX + " bytes");
            }
            return Optional.of(Files.readString(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("Cannot remove {}: {}", file, e.getMessage());
        }
    }

    private static List<Path> files(Path folder) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "sha256-*[0-9a-f]")) {
            List<Path> found = new ArrayList<>();
            files.forEach(found::add);
            return found;
        } catch (IOException e) {
            LOG.error("Cannot list {}: {}", folder, e.getMessage());
            return List.of();
        }
    }

    private static Path file(Path folder, String key) {
        return folder.resolve("sha256-" + hash(key));
    }

    /** SHA-256, in hexadecimal digits. */
    static String hash(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
