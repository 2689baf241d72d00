package io.keelson.agent.environment;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.keelson.controllers.objects.OrEmpty;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The config maps and secrets that pods of this node refer to. One that a pod {@linkplain #hold holds} is read once
 * and watched from then on, alone, which is all that a node is allowed; several pods share one watch. It goes when the
 * last of them is released. One that does not exist, that nobody holds, or that would be one too many is read anew
 * each time.
 *
 * <p>Any thread; a read waits for the API, within the client's time limit.
 */
public final class ReferencedObjects implements AutoCloseable {
    private static final int FOLLOWED_MAX = 8192;
    private static final int TRIES = 6;
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(100);

    private final KubernetesClient client;
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private final Map<Name, FollowedObject<?>> followed = new HashMap<>();
    private final Map<String, Set<Name>> held = new HashMap<>();

    private record Name(boolean secret, String namespace, String name) {}

    /** Nothing yet. */
    public ReferencedObjects(KubernetesClient client) {
        this.client = client;
    }

    /**
     * Tells the uid of each pod that refers to something that has changed, come or gone. The listener must be quick.
     */
    public void onChange(Consumer<String> podUid) {
        listeners.add(podUid);
    }

    /** Follows what a pod refers to, and no more what it referred to when it was held before. */
    public void hold(Pod pod) {
        String namespace = pod.getMetadata().getNamespace();
        PodReferences references = PodReferences.of(pod);
        Set<Name> names = new HashSet<>();
        references.configMaps().forEach(name -> names.add(new Name(false, namespace, name)));
        references.secrets().forEach(name -> names.add(new Name(true, namespace, name)));
        change(pod.getMetadata().getUid(), names);
    }

    /** Forgets what a pod referred to. Right when repeated. */
    public void release(String podUid) {
        change(podUid, Set.of());
    }

    private void change(String podUid, Set<Name> names) {
        List<FollowedObject<?>> unused = new ArrayList<>();
        synchronized (this) {
            Set<Name> before = held.getOrDefault(podUid, Set.of());
            Set<Name> now = new HashSet<>();
            for (Name name : names) {
                FollowedObject<?> object = followed.get(name);
                if (object == null && followed.size() < FOLLOWED_MAX) {
                    object = object(name);
                    followed.put(name, object);
                }
                if (object != null) {
                    object.add(podUid);
                    now.add(name);
                }
            }
            for (Name name : before) {
                FollowedObject<?> object = now.contains(name) ? null : followed.get(name);
                if (object != null && object.remove(podUid)) {
                    followed.remove(name);
                    unused.add(object);
                }
            }
            if (now.isEmpty()) {
                held.remove(podUid);
            } else {
                held.put(podUid, now);
            }
        }
        unused.forEach(FollowedObject::end);
    }

    private FollowedObject<?> object(Name name) {
        Consumer<String> changed = uid -> listeners.forEach(listener -> listener.accept(uid));
        return name.secret
                ? new FollowedObject<>(secrets(name), changed)
                : new FollowedObject<>(configMaps(name), changed);
    }

    private Resource<ConfigMap> configMaps(Name name) {
        return client.configMaps().inNamespace(name.namespace).withName(name.name);
    }

    private Resource<Secret> secrets(Name name) {
        return client.secrets().inNamespace(name.namespace).withName(name.name);
    }

    /**
     * A config map; null if there is none of that name. It must not be changed.
     *
     * @throws KubernetesClientException if the API cannot be asked, or does not allow it
     */
    public @Nullable ConfigMap configMap(String namespace, String name) {
        Name wanted = new Name(false, namespace, name);
        return get(wanted, ConfigMap.class, configMaps(wanted));
    }

    /**
     * A secret; null if there is none of that name. It must not be changed.
     *
     * @throws KubernetesClientException if the API cannot be asked, or does not allow it
     */
    public @Nullable Secret secret(String namespace, String name) {
        Name wanted = new Name(true, namespace, name);
        return get(wanted, Secret.class, secrets(wanted));
    }

    @SuppressWarnings("unchecked") // what is followed under a name is of the name's kind
    private <T extends HasMetadata> @Nullable T get(Name name, Class<T> kind, Resource<T> resource) {
        FollowedObject<T> object;
        synchronized (this) {
            object = (FollowedObject<T>) followed.get(name);
        }
        if (object != null && object.isFilled()) {
            return kind.cast(object.seen());
        }
        T read = read(resource);
        if (object != null) {
            object.follow(read, isImmutable(read));
        }
        return read;
    }

    private static boolean isImmutable(@Nullable HasMetadata object) {
        return switch (object) {
            case ConfigMap map -> OrEmpty.of(map.getImmutable());
            case Secret secret -> OrEmpty.of(secret.getImmutable());
            case null, default -> false;
        };
    }

    /** A refusal is asked again: the API may not have noticed yet that the pod is on this node. */
    private static <T> @Nullable T read(Resource<T> resource) {
        for (int tries = 1; ; tries++) {
            try {
                return resource.get();
            } catch (KubernetesClientException e) {
                if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                    return null;
                }
                if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN || tries == TRIES) {
                    throw e;
                }
            }
            try {
                Thread.sleep(BETWEEN_TRIES);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new KubernetesClientException("interrupted", e);
            }
        }
    }

    /** How many objects are followed now. */
    public synchronized int size() {
        return followed.size();
    }

    /** Ends all watches. */
    @Override
    public void close() {
        List<FollowedObject<?>> all;
        synchronized (this) {
            all = List.copyOf(followed.values());
            followed.clear();
            held.clear();
        }
        all.forEach(FollowedObject::end);
    }
}
