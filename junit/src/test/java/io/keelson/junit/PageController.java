package io.keelson.junit;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.Lister;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * A controller as one writes it with fabric8 alone: informers on pages and on the ConfigMaps made for them put names into a
 * queue, and one thread brings what is there to what is wanted. What fails is tried again.
 */
final class PageController implements AutoCloseable {
    static final String FINALIZER = "keelson.example/pages";

    private static final String MADE_BY = "made-by";
    private static final String OWN_NAME = "informers";
    private static final long AGAIN_MS = 50;

    private final KubernetesClient client;
    private final String namespace;
    private final BlockingQueue<String> queue = new LinkedBlockingQueue<>();
    private final Set<String> queued = ConcurrentHashMap.newKeySet();
    private final SharedIndexInformer<Page> pages;
    private final SharedIndexInformer<ConfigMap> maps;
    private final Lister<Page> pagesByName;
    private final Lister<ConfigMap> mapsByName;
    private final Thread worker;
    /** UIDs: what is seen late may be done twice. */
    final Set<String> cleaned = ConcurrentHashMap.newKeySet();

    PageController(KubernetesClient client) {
        this.client = client;
        this.namespace = client.getNamespace();
        this.pages = client.resources(Page.class).runnableInformer(0);
        this.maps = client.configMaps().withLabel(MADE_BY, OWN_NAME).runnableInformer(0);
        this.pagesByName = new Lister<>(pages.getIndexer(), namespace);
        this.mapsByName = new Lister<>(maps.getIndexer(), namespace);
        pages.addEventHandler(new ToQueue<>());
        maps.addEventHandler(new ToQueue<>());
        this.worker = Thread.ofPlatform().name("page-controller").unstarted(this::work);
    }

    void start() {
        pages.start().toCompletableFuture().join();
        maps.start().toCompletableFuture().join();
        worker.start();
    }

    /** A page and the ConfigMap made for it have one name. */
    private final class ToQueue<T extends HasMetadata> implements ResourceEventHandler<T> {
        @Override
        public void onAdd(T added) {
            enqueue(Cache.metaNamespaceKeyFunc(added));
        }

        @Override
        public void onUpdate(T before, T after) {
            enqueue(Cache.metaNamespaceKeyFunc(after));
        }

        @Override
        public void onDelete(T deleted, boolean unknown) {
            enqueue(Cache.metaNamespaceKeyFunc(deleted));
        }
    }

    private void enqueue(String key) {
        String name = key.substring(key.indexOf('/') + 1);
        if (queued.add(name)) {
            queue.add(name);
        }
    }

    private void work() {
        try {
            while (true) {
                String name = queue.take();
                queued.remove(name);
                try {
                    reconcile(name);
                } catch (KubernetesClientException e) {
                    // A conflict, for example: what is there now is looked at again.
                    Thread.sleep(AGAIN_MS);
                    enqueue(name);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void reconcile(String name) {
        Page page = pagesByName.get(name);
        if (page == null) {
            return;
        }
        if (page.getMetadata().getDeletionTimestamp() != null) {
            leave(page);
            return;
        }
        if (!page.hasFinalizer(FINALIZER)) {
            var _ = client.resources(Page.class).withName(name).edit(changed -> {
                changed.addFinalizer(FINALIZER);
                return changed;
            });
            return;
        }
        String text = String.valueOf(page.getSpec().text);
        if (!isAsWanted(page, mapsByName.get(name))) {
            var _ = client.resource(wanted(page)).forceConflicts().serverSideApply();
        }
        long generation = page.getMetadata().getGeneration();
        Page.Status known = page.getStatus();
        if (known == null || known.observedGeneration != generation || known.letters != text.length()) {
            var _ = client.resources(Page.class).withName(name).editStatus(changed -> {
                Page.Status status = new Page.Status();
                status.letters = text.length();
                status.observedGeneration = generation;
                changed.setStatus(status);
                return changed;
            });
        }
    }

    private void leave(Page page) {
        if (page.hasFinalizer(FINALIZER)) {
            String name = page.getMetadata().getName();
            cleaned.add(page.getMetadata().getUid());
            var _ = client.configMaps().withName(name).delete();
            var _ = client.resources(Page.class).withName(name).edit(changed -> {
                changed.removeFinalizer(FINALIZER);
                return changed;
            });
        }
    }

    private static boolean isAsWanted(Page page, @Nullable ConfigMap map) {
        if (map == null
                || !String.valueOf(page.getSpec().text).equals(map.getData().get("text"))) {
            return false;
        }
        List<OwnerReference> owners = map.getMetadata().getOwnerReferences();
        return owners.size() == 1
                && owners.getFirst().getUid().equals(page.getMetadata().getUid());
    }

    private ConfigMap wanted(Page page) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(page.getMetadata().getName())
                .withNamespace(namespace)
                .addToLabels(MADE_BY, OWN_NAME)
                .addNewOwnerReference()
                .withApiVersion(page.getApiVersion())
                .withKind(page.getKind())
                .withName(page.getMetadata().getName())
                .withUid(page.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .endOwnerReference()
                .endMetadata()
                .withData(Map.of("text", String.valueOf(page.getSpec().text)))
                .build();
    }

    @Override
    public void close() {
        worker.interrupt();
        pages.stop();
        maps.stop();
    }
}
