package io.keelson.controllers.disruption;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetSpec;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetStatus;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodSelection;
import io.keelson.controllers.objects.SelectorText;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Keeps the status of PodDisruptionBudgets, and takes back marks of disruptions that did not come to pass. */
public final class DisruptionController implements Controller {
    /** Before the name of a pod, where a key is one: no name of an object has such a sign. */
    private static final String POD = "pods/";

    /** When a budget is looked at again whose pods cannot be counted: their controllers may have come since. */
    private static final Duration RECOUNT = Duration.ofMinutes(1);

    private final Context context;
    private final Events events;
    private final Cache<PodDisruptionBudget> budgets;
    private final Cache<Pod> pods;
    private final PodSelection selection;
    private final SelectingBudgets selecting;
    private final ExpectedPods expectedPods;

    private DisruptionController(Context context, Setup setup) {
        this.context = context;
        this.events = context.events().from("controllermanager");
        this.budgets = setup.watch(PodDisruptionBudget.class);
        this.selecting = new SelectingBudgets(budgets);
        this.pods = setup.watch(Pod.class, this::keysOf);
        this.selection = new PodSelection(pods);
        this.expectedPods = new ExpectedPods(context, setup);
    }

    /** As {@code --controllers} names it. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor("disruption-controller", 1, DisruptionController::new);
    }

    /** The budgets that select a pod, or did, and the pod itself if it is marked. */
    private Collection<Key> keysOf(Change<Pod> change) {
        Set<Key> keys = new LinkedHashSet<>();
        Pod pod = change.object();
        List<PodDisruptionBudget> selectors = selecting.of(pod);
        selectors.forEach(budget -> keys.add(Key.of(budget)));
        Pod before = change.before();
        boolean relabelled = before == null || !labels(before).equals(labels(pod));
        if (before != null && relabelled) {
            selecting.of(before).forEach(budget -> keys.add(Key.of(budget)));
        }
        if (selectors.size() > 1 && relabelled && !change.deleted()) {
            events.warning(
                    pod,
                    "MultiplePodDisruptionBudgets",
                    "Pod \"%s\"/\"%s\" matches multiple PodDisruptionBudgets.  Chose \"%s\" arbitrarily."
                            .formatted(
                                    pod.getMetadata().getNamespace(),
                                    pod.getMetadata().getName(),
                                    selectors.getFirst().getMetadata().getName()));
        }
        if (!change.deleted() && StaleDisruption.when(pod) != null) {
            keys.add(Key.of(
                    pod.getMetadata().getNamespace(), POD + pod.getMetadata().getName()));
        }
        return keys;
    }

    private static Map<String, String> labels(Pod pod) {
        return OrEmpty.of(pod.getMetadata().getLabels());
    }

    @Override
    public Outcome reconcile(Key key) throws InterruptedException {
        if (key.name().startsWith(POD)) {
            return clearStaleMark(pods.get(key.namespace(), key.name().substring(POD.length())));
        }
        PodDisruptionBudget budget = budgets.get(key);
        return budget == null ? Outcome.done() : count(budget);
    }

    private Outcome clearStaleMark(@Nullable Pod pod) {
        Instant stale = pod == null ? null : StaleDisruption.when(pod);
        if (pod == null || stale == null) {
            return Outcome.done();
        }
        Instant now = context.time().instant();
        if (stale.isAfter(now)) {
            return Outcome.after(Duration.between(now, stale));
        }
        try {
            context.client().resource(StaleDisruption.cleared(pod, now)).updateStatus();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
        return Outcome.done();
    }

    private Outcome count(PodDisruptionBudget budget) {
        Instant now = context.time().instant();
        try {
            return write(budget, now);
        } catch (CountException e) {
            update(budget, BudgetCount.failed(budget, String.valueOf(e.getMessage()), now));
            return Outcome.after(RECOUNT);
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            // While it is not known how many pods there are to be, none of them may go.
            update(budget, BudgetCount.failed(budget, String.valueOf(e.getMessage()), now));
            throw e;
        }
    }

    private Outcome write(PodDisruptionBudget budget, Instant now) throws CountException {
        PodDisruptionBudgetSpec spec = Objects.requireNonNullElseGet(budget.getSpec(), PodDisruptionBudgetSpec::new);
        List<Pod> selected = selected(budget, spec.getSelector());
        int expected;
        int desired;
        try {
            DisruptionLimit limit = DisruptionLimit.of(spec);
            expected = limit == null ? 0 : limit.needsScale() ? expected(budget, selected) : selected.size();
            desired = limit == null ? 0 : limit.desiredHealthy(expected);
        } catch (CountException | KubernetesClientException e) {
            events.warning(
                    budget,
                    "CalculateExpectedPodCountFailed",
                    "Failed to calculate the number of expected pods: " + e.getMessage());
            throw e;
        }
        BudgetCount count = BudgetCount.of(budget, selected, now);
        String namespace = budget.getMetadata().getNamespace();
        count.overdue()
                .forEach(pod -> events.warning(
                        pod,
                        "NotDeleted",
                        // The original names the namespace twice as well.
                        "Pod was expected by PDB %s/%s to be deleted but it wasn't".formatted(namespace, namespace)));
        update(budget, count.status(budget, desired, expected, now));
        Instant next = count.next();
        // It is overdue only after its time, not at it.
        return next == null
                ? Outcome.done()
                : Outcome.after(Duration.between(now, next).plusMillis(1));
    }

    private List<Pod> selected(PodDisruptionBudget budget, @Nullable LabelSelector selector) throws CountException {
        try {
            List<Pod> selected = selection.of(budget.getMetadata().getNamespace(), selector);
            if (selected.isEmpty()) {
                events.normal(budget, "NoPods", "No matching pods found");
            }
            return selected;
        } catch (IllegalArgumentException e) {
            events.warning(budget, "NoPods", "Failed to get pods: " + e.getMessage());
            throw new CountException(String.valueOf(e.getMessage()));
        }
    }

    private int expected(PodDisruptionBudget budget, List<Pod> selected) throws CountException {
        ExpectedPods.Sum sum = expectedPods.of(selected);
        if (sum.anyUnmanaged()) {
            events.warning(
                    budget,
                    "UnmanagedPods",
                    "Pods selected by this PodDisruptionBudget (selector: "
                            + SelectorText.of(budget.getSpec().getSelector())
                            + ") were found to be unmanaged. As a result, the status of the PDB cannot be calculated"
                            + " correctly, which may result in undefined behavior. To account for these pods please set"
                            + " \".spec.minAvailable\" field of the PDB to an integer value.");
        }
        return sum.expected();
    }

    private void update(PodDisruptionBudget budget, PodDisruptionBudgetStatus status) {
        if (budget.getStatus() != null && AllowedCondition.copy(budget).equals(status)) {
            return;
        }
        try {
            context.client()
                    .resource(new PodDisruptionBudgetBuilder(budget)
                            .withStatus(status)
                            .build())
                    .updateStatus();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }
}
