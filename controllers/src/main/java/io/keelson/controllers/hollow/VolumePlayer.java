package io.keelson.controllers.hollow;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.keelson.controllers.localpath.LocalPathVolume;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Time;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets volumes go that are directories of the hollow nodes, as the agent of a node has to (see {@link
 * io.keelson.controllers.localpath}): nobody else takes the finalizer off while the node is there. There is no directory to
 * remove.
 */
final class VolumePlayer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VolumePlayer.class);
    private static final int WORKERS = 8;
    private static final long PAGE = 500;
    private static final String IN_USE = "kubernetes.io/pv-protection";

    private final NodePlayer nodes;
    private final KubernetesClient client;
    private final Pace pace;
    private final Workers<String> workers;
    private final SharedIndexInformer<PersistentVolume> informer;

    VolumePlayer(NodePlayer nodes, KubernetesClient client, Time time, Pace pace) {
        this.nodes = nodes;
        this.client = client;
        this.pace = pace;
        workers = new Workers<>("hollow-volumes", WORKERS, time, this::free);
        informer = client.persistentVolumes()
                .withLimit(PAGE)
                .runnableInformer(0)
                .itemStore(new SlimStore<>(PersistentVolume::new))
                .exceptionHandler((running, problem) -> {
                    LOG.warn("watching volumes: {}", problem.getMessage());
                    return true;
                });
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(PersistentVolume volume) {
                seen(volume);
            }

            @Override
            public void onUpdate(PersistentVolume before, PersistentVolume now) {
                seen(now);
            }

            @Override
            public void onDelete(PersistentVolume volume, boolean lastStateUnknown) {
                // It went.
            }
        });
    }

    /** Begins, and returns when the volumes that are there are known. */
    void start() throws InterruptedException {
        try {
            informer.start().toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw new KubernetesClientException("volumes cannot be read", e.getCause());
        }
        workers.start();
    }

    /** Whether no volume has to go now. */
    boolean resting() {
        return workers.resting();
    }

    private void seen(PersistentVolume volume) {
        if (isToGo(volume)) {
            workers.add(volume.getMetadata().getName());
        }
    }

    /** Whether it is to be deleted, nobody uses it, and one of these nodes has it. */
    private boolean isToGo(PersistentVolume volume) {
        return volume.isMarkedForDeletion()
                && LocalPathVolume.isOurs(volume)
                && volume.hasFinalizer(LocalPathVolume.FINALIZER)
                && !volume.hasFinalizer(IN_USE)
                && nodes.known(OrEmpty.of(OrEmpty.of(volume.getMetadata().getAnnotations())
                                .get(LocalPathVolume.NODE)))
                        != null;
    }

    private @Nullable Duration free(String name) throws InterruptedException {
        pace.await();
        PersistentVolume volume = client.persistentVolumes().withName(name).get();
        if (volume == null || !isToGo(volume)) {
            return null;
        }
        try {
            client.resource(new PersistentVolumeBuilder(volume)
                            .editMetadata()
                            .removeFromFinalizers(LocalPathVolume.FINALIZER)
                            .endMetadata()
                            .build())
                    .update();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT && e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
            // It changed, and its change brings it here again, or it went.
        }
        return null;
    }

    @Override
    public void close() {
        informer.stop();
        workers.close();
    }
}
