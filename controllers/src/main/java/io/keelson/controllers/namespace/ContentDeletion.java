package io.keelson.controllers.namespace;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.kinds.Discovery;
import io.keelson.controllers.kinds.Kind;
import io.keelson.controllers.kinds.Metadata;
import io.keelson.controllers.kinds.MetadataClient;
import io.keelson.controllers.runtime.AtOnce;
import io.keelson.controllers.runtime.Cache;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Deletes what is in a namespace. Pods go first, and nothing else before they are gone: while they run they may need
 * what is there, a network policy above all.
 */
final class ContentDeletion {
    private static final int KINDS_AT_ONCE = 16;
    private static final int OBJECTS_AT_ONCE = 32;
    /** How long those who hold objects by a finalizer may take before one looks again. */
    private static final long FINALIZER_SECONDS = 15;

    private final MetadataClient client;
    private final Cache<Pod> pods;

    ContentDeletion(MetadataClient client, Cache<Pod> pods) {
        this.client = client;
        this.pods = pods;
    }

    /** What came of the deletion of one kind. */
    private record Left(
            Kind kind,
            List<Metadata> objects,
            long waitSeconds,
            @Nullable String failure) {}

    /**
     * Deletes what can be deleted now.
     *
     * @param began when the namespace's deletion was asked for
     */
    Outlook delete(String namespace, Instant began, Instant now) throws InterruptedException {
        Discovery discovery;
        try {
            discovery = client.discover();
        } catch (KubernetesClientException e) {
            return new Outlook(message(e), null, List.of(), Map.of(), Map.of(), 0);
        }
        List<Kind> kinds = discovery.preferred().stream()
                .filter(kind -> kind.namespaced() && kind.offers("delete"))
                .toList();
        List<Kind> first = kinds.stream().filter(ContentDeletion::isPods).toList();
        Collection<Left> left = delete(first, namespace, began, now);
        if (left.stream().allMatch(ContentDeletion::isNothing)) {
            List<Kind> rest = kinds.stream().filter(kind -> !isPods(kind)).toList();
            left = delete(rest, namespace, began, now);
        }
        return outlook(discovery, left);
    }

    private static boolean isPods(Kind kind) {
        return kind.groupResource().equals("pods");
    }

    private static boolean isNothing(Left left) {
        return left.objects().isEmpty() && left.failure() == null;
    }

    private static Outlook outlook(Discovery discovery, Collection<Left> left) {
        List<String> failures = new ArrayList<>();
        Map<String, Integer> remaining = new HashMap<>();
        Map<String, Integer> finalizers = new HashMap<>();
        long waitSeconds = 0;
        for (Left one : left) {
            waitSeconds = Math.max(waitSeconds, one.waitSeconds());
            if (one.failure() != null) {
                failures.add(one.failure());
            }
            if (!one.objects().isEmpty()) {
                remaining.put(
                        one.kind().resource() + '.' + one.kind().group(),
                        one.objects().size());
            }
            for (Metadata object : one.objects()) {
                object.finalizers().forEach(finalizer -> finalizers.merge(finalizer, 1, Integer::sum));
            }
        }
        String failure = discovery.failure();
        return new Outlook(
                failure == null
                        ? null
                        : "Discovery failed for some groups, "
                                + discovery.failures().size() + " failing: " + failure,
                discovery.malformed().isEmpty()
                        ? null
                        : "unexpected GroupVersion string: " + String.join(", ", discovery.malformed()),
                failures,
                remaining,
                finalizers,
                waitSeconds);
    }

    private Collection<Left> delete(List<Kind> kinds, String namespace, Instant began, Instant now)
            throws InterruptedException {
        Collection<Left> left = new ConcurrentLinkedQueue<>();
        List<RuntimeException> unexpected =
                AtOnce.run(kinds, KINDS_AT_ONCE, kind -> left.add(delete(kind, namespace, began, now)));
        if (!unexpected.isEmpty()) {
            throw unexpected.getFirst();
        }
        return left;
    }

    private Left delete(Kind kind, String namespace, Instant began, Instant now) throws InterruptedException {
        long grace = isPods(kind) ? PodGrace.seconds(pods.in(namespace), began, now) : 0;
        try {
            if (!deleteTogether(kind, namespace) && kind.offers("list")) {
                deleteEach(kind, namespace);
            }
            List<Metadata> objects = kind.offers("list") ? list(kind, namespace) : List.of();
            if (objects.isEmpty()) {
                return new Left(kind, objects, 0, null);
            }
            if (grace > 0) {
                return new Left(kind, objects, grace, null);
            }
            if (objects.stream().anyMatch(object -> !object.finalizers().isEmpty())) {
                return new Left(kind, objects, FINALIZER_SECONDS, null);
            }
            return new Left(
                    kind,
                    objects,
                    0,
                    "unexpected items still remain in namespace: " + namespace + " for gvr: " + kind.group() + '/'
                            + kind.version() + ", Resource=" + kind.resource());
        } catch (KubernetesClientException e) {
            return new Left(kind, List.of(), grace, message(e));
        }
    }

    /** Whether the kind can be deleted together. */
    private boolean deleteTogether(Kind kind, String namespace) throws InterruptedException {
        if (!kind.offers("deletecollection")) {
            return false;
        }
        try {
            client.deleteCollection(kind, namespace);
            return true;
        } catch (KubernetesClientException e) {
            if (isNotOffered(e)) {
                return false;
            }
            throw e;
        }
    }

    private void deleteEach(Kind kind, String namespace) throws InterruptedException {
        List<RuntimeException> failures = AtOnce.run(
                list(kind, namespace),
                OBJECTS_AT_ONCE,
                object -> client.delete(kind, namespace, object.name(), object.uid(), null, "Background"));
        for (RuntimeException failure : failures) {
            boolean another = failure instanceof KubernetesClientException answer
                    && (answer.getCode() == HttpURLConnection.HTTP_CONFLICT || isNotOffered(answer));
            if (!another) {
                throw failure;
            }
        }
    }

    private List<Metadata> list(Kind kind, String namespace) throws InterruptedException {
        try {
            return client.list(kind, namespace).objects();
        } catch (KubernetesClientException e) {
            if (isNotOffered(e)) {
                return List.of();
            }
            throw e;
        }
    }

    /** Some servers say by either that they do not know the request. */
    private static boolean isNotOffered(KubernetesClientException e) {
        return e.getCode() == HttpURLConnection.HTTP_BAD_METHOD || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND;
    }

    private static String message(KubernetesClientException e) {
        return String.valueOf(e.getMessage());
    }
}
