package io.keelson.controllers.podgroupprotection;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code podgroup-protection-controller}: a group of pods that is to be deleted stays while pods that have not ended belong to
 * it.
 *
 * <p>As with the original, pods are looked for in the cache only: one that is made while its group is being deleted may come
 * too late, and then waits for a group of that name.
 */
public final class PodGroupProtectionController implements Controller {
    /** Holds back the deletion of a group. */
    static final String FINALIZER = "scheduling.k8s.io/podgroup-protection";

    private static final String NAME = "podgroup-protection-controller";
    private static final int WORKERS = 1;
    private static final String ACTIVE = "active-pods-of-groups";

    private final KubernetesClient client;
    private final Cache<PodGroup> groups;
    private final Cache<Pod> pods;

    private PodGroupProtectionController(Context context, Setup setup) {
        client = context.client();
        groups = setup.watch(
                PodGroup.class, change -> mayGo(change.now()) ? List.of(Key.of(change.object())) : List.of());
        pods = setup.watch(Pod.class, PodGroupProtectionController::left);
        pods.index(ACTIVE, PodGroupProtectionController::held);
    }

    /** The controller; it has no flags. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor(NAME, WORKERS, PodGroupProtectionController::new);
    }

    private static boolean mayGo(@Nullable PodGroup group) {
        return group != null && group.isMarkedForDeletion() && group.hasFinalizer(FINALIZER);
    }

    /** The group that a pod needs. */
    private static List<String> held(Pod pod) {
        Key group = Pods.isTerminal(pod) ? null : groupOf(pod);
        return group == null ? List.of() : List.of(group.toString());
    }

    /** The groups that a pod does not need any more: it has ended, is gone, or another one has its name. */
    static Collection<Key> left(Change<Pod> change) {
        Pod before = change.before();
        Pod now = change.now();
        List<Pod> leave = new ArrayList<>();
        if (before != null && (now == null || !uid(before).equals(uid(now)))) {
            leave.add(before);
        }
        if (now != null && Pods.isTerminal(now)) {
            leave.add(now);
        }
        List<Key> groups = new ArrayList<>();
        for (Pod pod : leave) {
            Key group = groupOf(pod);
            if (group != null) {
                groups.add(group);
            }
        }
        return groups;
    }

    private static String uid(Pod pod) {
        return pod.getMetadata().getUid();
    }

    /** The group of a pod, which is in its own namespace; null if it belongs to none. */
    private static @Nullable Key groupOf(Pod pod) {
        // The client's library does not have the field.
        Object field = pod.getSpec() == null
                ? null
                : pod.getSpec().getAdditionalProperties().get("schedulingGroup");
        return field instanceof Map<?, ?> reference && reference.get("podGroupName") instanceof String name
                ? Key.of(pod.getMetadata().getNamespace(), name)
                : null;
    }

    @Override
    public Outcome reconcile(Key key) {
        PodGroup group = groups.get(key);
        if (group == null
                || !mayGo(group)
                || !pods.indexed(ACTIVE, key.toString()).isEmpty()) {
            return Outcome.done();
        }
        PodGroup free = client.getKubernetesSerialization().clone(group);
        free.removeFinalizer(FINALIZER);
        try {
            client.resource(free).update();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
        return Outcome.done();
    }
}
