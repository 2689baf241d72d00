package io.keelson.agent.storage;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.agent.volumes.TreeRemoval;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.VolumeAnnotations;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.QueueMetrics;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.runtime.WorkQueue;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes volumes of this node for claims whose pods were put on it, and takes them away when they are released. One thread works;
 * what fails is tried again, later each time.
 */
public final class LocalVolumes implements AutoCloseable {
    /** What a storage class names for volumes of this kind. */
    public static final String PROVISIONER = "keelson.io/local";

    private static final Logger LOG = LoggerFactory.getLogger(LocalVolumes.class);
    private static final Pattern UID = Pattern.compile("[A-Za-z0-9-]{1,64}");

    private final String node;
    private final String hostname;
    private final Path root;
    private final KubernetesClient client;
    private final Events events;
    private final Cache<PersistentVolumeClaim> claims;
    private final Cache<PersistentVolume> volumes;
    private final WorkQueue<Item> queue;
    private @Nullable Thread thread;

    /** What is looked at: a claim, or a volume, which has no namespace. */
    private record Item(boolean isClaim, Key key) {}

    /**
     * Follows claims and volumes from the start of these caches on.
     *
     * @param node the name of this one
     * @param hostname its label {@code kubernetes.io/hostname}
     * @param root where folders are made, absolute; itself made with the first one
     */
    public LocalVolumes(
            String node, String hostname, Path root, KubernetesClient client, Caches caches, Events events, Time time) {
        this.node = node;
        this.hostname = hostname;
        this.root = root;
        this.client = client;
        this.events = events;
        queue = new WorkQueue<>(time, QueueMetrics.NONE);
        claims = caches.listen(PersistentVolumeClaim.class, change -> {
            if (!change.deleted() && isForUs(change.object())) {
                queue.add(new Item(true, Key.of(change.object())));
            }
        });
        volumes = caches.listen(PersistentVolume.class, change -> {
            if (!change.deleted() && isToGo(change.object())) {
                queue.add(new Item(false, Key.of(change.object())));
            }
        });
    }

    /** Begins to work; the caches are filled. */
    public void start() {
        thread = Thread.ofVirtual().name("local-volumes").start(this::work);
    }

    private boolean isForUs(PersistentVolumeClaim claim) {
        var annotations = OrEmpty.of(claim.getMetadata().getAnnotations());
        return PROVISIONER.equals(annotations.get(VolumeAnnotations.STORAGE_PROVISIONER))
                && node.equals(annotations.get(VolumeAnnotations.SELECTED_NODE))
                && OrEmpty.of(claim.getSpec().getVolumeName()).isEmpty()
                && claim.getMetadata().getDeletionTimestamp() == null;
    }

    private boolean isToGo(PersistentVolume volume) {
        return volume.getStatus() != null
                && "Released".equals(volume.getStatus().getPhase())
                && "Delete".equals(volume.getSpec().getPersistentVolumeReclaimPolicy())
                && LocalVolume.isOwn(volume, hostname, root);
    }

    /**
     * Removes folders that were made for claims which were deleted before they had their volumes. Nothing was ever
     * written there: what has something in it is of a volume that was to be retained.
     */
    private void removeUnused() {
        Set<String> used = new HashSet<>();
        claims.all()
                .forEach(claim -> used.add(root.resolve(LocalVolume.name(claim)).toString()));
        for (PersistentVolume volume : volumes.all()) {
            used.add(root.resolve(volume.getMetadata().getName()).toString());
            if (volume.getSpec().getLocal() != null) {
                used.add(OrEmpty.of(volume.getSpec().getLocal().getPath()));
            }
        }
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(root, "pvc-*")) {
            for (Path folder : folders) {
                String name = folder.getFileName().toString();
                // The caches may be behind.
                if (!used.contains(folder.toString())
                        && client.persistentVolumes().withName(name).get() == null) {
                    removeIfEmpty(folder);
                }
            }
        } catch (NoSuchFileException e) {
            LOG.debug("there were no volumes yet");
        } catch (IOException | DirectoryIteratorException | KubernetesClientException e) {
            LOG.warn("folders of claims that are gone are looked for at the next start: {}", e.getMessage());
        }
    }

    private static void removeIfEmpty(Path folder) throws IOException {
        try {
            if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                Files.delete(folder);
                LOG.info("the claim that {} was made for is gone, and it is removed", folder);
            }
        } catch (DirectoryNotEmptyException e) {
            LOG.debug("{} is left as it is", folder);
        }
    }

    private void work() {
        try {
            removeUnused();
            for (Item item = queue.take(); item != null; item = queue.take()) {
                try {
                    if (item.isClaim()) {
                        provide(item.key());
                    } else {
                        remove(item.key());
                    }
                    queue.forget(item);
                } catch (IOException | KubernetesClientException e) {
                    LOG.warn("{}: {}", item.key(), e.getMessage());
                    queue.retry(item);
                } catch (RuntimeException e) {
                    LOG.error("{} failed unexpectedly", item.key(), e);
                    queue.retry(item);
                } finally {
                    queue.done(item);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void provide(Key key) throws IOException {
        PersistentVolumeClaim claim = claims.get(key);
        if (claim == null || !isForUs(claim) || volumes.get("", LocalVolume.name(claim)) != null) {
            return;
        }
        Optional<String> refusal = LocalVolume.refusal(claim);
        if (refusal.isPresent()) {
            events.warning(claim, "ProvisioningFailed", "failed to provision volume: " + refusal.get());
            return;
        }
        String className = OrEmpty.of(claim.getSpec().getStorageClassName());
        StorageClass ofClaim =
                client.storage().v1().storageClasses().withName(className).get();
        if (ofClaim == null) {
            throw new IOException("its storage class \"" + className + "\" is not there");
        }
        try {
            PersistentVolume volume = LocalVolume.of(claim, ofClaim, hostname, folder(claim));
            var _ = client.resource(volume).create();
            events.normal(
                    claim,
                    "ProvisioningSucceeded",
                    "Successfully provisioned volume " + volume.getMetadata().getName());
        } catch (IOException e) {
            events.warning(claim, "ProvisioningFailed", "failed to provision volume: " + e.getMessage());
            throw e;
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            // It was made before, and the cache does not know yet.
            LOG.debug("{} has its volume already", key);
        }
    }

    private Path folder(PersistentVolumeClaim claim) throws IOException {
        String uid = claim.getMetadata().getUid();
        if (!UID.matcher(uid).matches()) {
            throw new IOException("its uid \"" + uid + "\" cannot be the name of a folder");
        }
        Files.createDirectories(root);
        Path folder = root.resolve(LocalVolume.name(claim));
        if (!Files.isDirectory(folder)) {
            Files.createDirectory(folder);
        }
        // Whatever user a pod has writes there; who else is on the machine does not get through the folder above.
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        return folder;
    }

    private void remove(Key key) throws IOException {
        PersistentVolume volume = volumes.get(key);
        if (volume == null || !isToGo(volume)) {
            return;
        }
        String name = volume.getMetadata().getName();
        try {
            TreeRemoval.remove(root.resolve(name));
        } catch (IOException e) {
            events.warning(volume, "VolumeFailedDelete", "its folder cannot be removed: " + e.getMessage());
            throw e;
        }
        var _ = client.persistentVolumes().withName(name).delete();
        LOG.info("the volume {} was released, and is removed", name);
    }

    /** Works no more; volumes stay. */
    @Override
    public void close() {
        queue.close();
        Thread working = thread;
        if (working != null) {
            working.interrupt();
        }
    }
}
