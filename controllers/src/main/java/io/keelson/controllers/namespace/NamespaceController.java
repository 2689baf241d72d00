package io.keelson.controllers.namespace;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.NamespaceCondition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.kinds.MetadataClient;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.WorkQueue;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Ends namespaces: deletes their content, says in their conditions what holds them, and takes the finalizer {@code
 * kubernetes} from them when nothing does.
 */
public final class NamespaceController implements Controller {
    private static final String FINALIZER = "kubernetes";
    /** So that by then every API server knows that nothing may be made there any more. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private static final Duration LAST_RETRY = Duration.ofSeconds(60);

    private final Context context;
    private final WorkQueue<Key> queue;
    private final ContentDeletion content;

    private NamespaceController(Context context, Setup setup) {
        this.context = context;
        queue = setup.queue();
        setup.watch(Namespace.class, this::ended);
        content = new ContentDeletion(new MetadataClient(context.client()), setup.read(Pod.class));
    }

    /** {@code namespace-controller}. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor("namespace-controller", 10, NamespaceController::new);
    }

    private List<Key> ended(Change<Namespace> change) {
        Namespace namespace = change.now();
        if (namespace != null && namespace.getMetadata().getDeletionTimestamp() != null) {
            queue.addAfter(Key.of(namespace), GRACE);
        }
        return List.of();
    }

    @Override
    public Outcome reconcile(Key key) throws InterruptedException {
        // Not from the cache: a namespace that was made again must not lose what is in it.
        Namespace namespace = context.client().namespaces().withName(key.name()).get();
        if (namespace == null || namespace.getMetadata().getDeletionTimestamp() == null || !isHeld(namespace)) {
            return Outcome.done();
        }
        Instant now = context.time().instant();
        Instant asked = Pods.time(namespace.getMetadata().getDeletionTimestamp());
        Instant began = asked == null ? now : asked;
        Outlook outlook = content.delete(key.name(), began, now);
        if (!report(namespace, outlook, now)) {
            return Outcome.done();
        }
        String problem = outlook.problem();
        if (problem != null) {
            // Later each time, but never later than this.
            queue.addAfter(key, LAST_RETRY);
            throw new IllegalStateException(problem);
        }
        if (outlook.waitSeconds() > 0) {
            return Outcome.after(wait(outlook.waitSeconds(), Duration.between(began, now)));
        }
        release(key.name(), namespace.getMetadata().getUid());
        return Outcome.done();
    }

    /**
     * When to look again at what ends by itself. Most of it does at once, so one looks soon, then after half of the
     * time that has passed each time, and a second after half of what it may take at the latest.
     */
    static Duration wait(long seconds, Duration passed) {
        Duration latest = Duration.ofSeconds(seconds / 2 + 1);
        Duration half = passed.dividedBy(2);
        Duration earliest = Duration.ofSeconds(1);
        Duration wait = half.compareTo(earliest) < 0 ? earliest : half;
        return wait.compareTo(latest) < 0 ? wait : latest;
    }

    private static boolean isHeld(Namespace namespace) {
        return namespace.getSpec() != null
                && !OrEmpty.of(namespace.getSpec().getFinalizers()).isEmpty();
    }

    /** Writes the conditions if they change; whether the namespace is there. */
    private boolean report(Namespace namespace, Outlook outlook, Instant now) {
        List<NamespaceCondition> before = namespace.getStatus() == null
                ? List.of()
                : OrEmpty.of(namespace.getStatus().getConditions());
        boolean begun = namespace.getStatus() != null
                && "Terminating".equals(namespace.getStatus().getPhase());
        List<NamespaceCondition> after = DeletionConditions.after(before, outlook, now);
        if (begun && after.equals(before)) {
            return true;
        }
        Namespace changed = new NamespaceBuilder(namespace)
                .editOrNewStatus()
                .withPhase("Terminating")
                .withConditions(after)
                .endStatus()
                .build();
        try {
            context.client().namespaces().resource(changed).updateStatus();
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    /** Takes the finalizer away; whoever else has one there goes on holding the namespace. */
    private void release(String name, String uid) {
        Namespace namespace = context.client().namespaces().withName(name).get();
        if (namespace == null
                || !namespace.getMetadata().getUid().equals(uid)
                || !isHeld(namespace)
                || !namespace.getSpec().getFinalizers().contains(FINALIZER)) {
            return;
        }
        Namespace released = new NamespaceBuilder(namespace)
                .editSpec()
                .removeFromFinalizers(FINALIZER)
                .endSpec()
                .build();
        try {
            context.client().raw("/api/v1/namespaces/" + name + "/finalize", "PUT", released);
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }
}
