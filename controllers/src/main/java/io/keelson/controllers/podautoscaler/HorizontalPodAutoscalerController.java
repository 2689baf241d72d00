package io.keelson.controllers.podautoscaler;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.autoscaling.v1.ScaleBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBehavior;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerStatus;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.ScaleSubresources;
import io.keelson.controllers.podautoscaler.AutoscalerMetrics.Fault;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the scale of targets by what is measured of them. */
public final class HorizontalPodAutoscalerController implements Controller {
    private static final Logger LOG = LoggerFactory.getLogger(HorizontalPodAutoscalerController.class);

    private final Context context;
    private final HorizontalPodAutoscalerSettings settings;
    private final Events events;
    private final Cache<HorizontalPodAutoscaler> autoscalers;
    private final TargetPods pods;
    private final ScaleSubresources scales;
    private final MetricEvaluation evaluation;
    private final AutoscalerMetrics metrics;
    private final Map<Key, ScalingHistory> histories = new ConcurrentHashMap<>();

    /** How many replicas there are to be, and why. */
    private record Wish(int replicas, String reason) {}

    /** What a look at an autoscaler led to. */
    private record Course(int current, int wanted, Fault fault) {}

    private HorizontalPodAutoscalerController(HorizontalPodAutoscalerSettings settings, Context context, Setup setup) {
        this.context = context;
        this.settings = settings;
        this.events = context.events().from("horizontal-pod-autoscaler");
        this.autoscalers = setup.watch(HorizontalPodAutoscaler.class, HorizontalPodAutoscalerController::keysOf);
        this.pods = new TargetPods(setup.read(Pod.class), events);
        this.scales = new ScaleSubresources(context.client(), context.time());
        this.metrics = new AutoscalerMetrics(setup.metrics());
        this.evaluation = new MetricEvaluation(new MetricsApi(context.client(), scales), settings);
    }

    /** As {@code --controllers} names it, with the settings of a process without flags. */
    public static ControllerDescriptor descriptor() {
        return descriptor(HorizontalPodAutoscalerSettings.DEFAULT);
    }

    /** As {@code --controllers} names it. */
    public static ControllerDescriptor descriptor(HorizontalPodAutoscalerSettings settings) {
        return new ControllerDescriptor(
                "horizontal-pod-autoscaler-controller",
                settings.concurrentSyncs(),
                (context, setup) -> new HorizontalPodAutoscalerController(settings, context, setup));
    }

    /** Its own status concerns nobody: it is looked at each period anyway. */
    private static List<Key> keysOf(Change<HorizontalPodAutoscaler> change) {
        HorizontalPodAutoscaler before = change.before();
        HorizontalPodAutoscaler now = change.now();
        boolean same = before != null
                && now != null
                && before.getMetadata().getUid().equals(now.getMetadata().getUid())
                && Objects.equals(before.getSpec(), now.getSpec());
        return same ? List.of() : List.of(Key.of(change.object()));
    }

    @Override
    public Outcome reconcile(Key key) throws InterruptedException {
        HorizontalPodAutoscaler autoscaler = autoscalers.get(key);
        if (autoscaler == null) {
            histories.remove(key);
            pods.forget(key);
            return Outcome.done();
        }
        Instant now = context.time().instant();
        StatusDraft draft = new StatusDraft(autoscaler, now);
        long begin = System.nanoTime();
        Course course = scale(key, autoscaler, draft, now);
        write(autoscaler, draft);
        metrics.reconciled(
                course.current(), course.wanted(), course.fault(), Duration.ofNanos(System.nanoTime() - begin));
        return Outcome.after(settings.syncPeriod());
    }

    private Course scale(Key key, HorizontalPodAutoscaler autoscaler, StatusDraft draft, Instant now) {
        ScaleTarget target;
        try {
            target = ScaleTarget.of(scales, autoscaler);
        } catch (KubernetesClientException e) {
            String text = text(e);
            events.warning(autoscaler, "FailedGetScale", text);
            draft.say(new AutoscalerCondition(
                    AutoscalerCondition.ABLE_TO_SCALE,
                    false,
                    "FailedGetScale",
                    "the HPA controller was unable to get the target's current scale: " + text));
            return new Course(0, 0, Fault.INTERNAL);
        }
        draft.say(new AutoscalerCondition(
                AutoscalerCondition.ABLE_TO_SCALE,
                true,
                "SucceededGetScale",
                "the HPA controller was able to get the target's current scale"));
        int current = target.replicas();
        ScalingHistory history = histories.computeIfAbsent(key, ignored -> new ScalingHistory(current, now));
        draft.current(current, List.of());
        Wish wish;
        try {
            wish = wish(key, autoscaler, target, history, draft, now);
        } catch (MetricException e) {
            LOG.debug("{}: {}", key, e.text());
            return new Course(current, current, Fault.INTERNAL);
        }
        if (wish.replicas() == current) {
            draft.desired(current, false);
            return new Course(current, current, Fault.NONE);
        }
        boolean done = rescale(autoscaler, target, wish, history, draft, now);
        return new Course(current, wish.replicas(), done ? Fault.NONE : Fault.INTERNAL);
    }

    private Wish wish(
            Key key,
            HorizontalPodAutoscaler autoscaler,
            ScaleTarget target,
            ScalingHistory history,
            StatusDraft draft,
            Instant now)
            throws MetricException {
        HorizontalPodAutoscalerSpec spec = autoscaler.getSpec();
        int current = target.replicas();
        int min = spec.getMinReplicas() == null ? 1 : Math.max(0, spec.getMinReplicas());
        int max = Math.max(min, OrEmpty.of(spec.getMaxReplicas()));
        if (current == 0 && min != 0) {
            draft.say(new AutoscalerCondition(
                    AutoscalerCondition.SCALING_ACTIVE,
                    false,
                    "ScalingDisabled",
                    "scaling is disabled since the replica count of the target is zero"));
            return new Wish(0, "");
        }
        if (current > max) {
            return new Wish(max, "Current number of replicas above Spec.MaxReplicas");
        }
        if (current < min) {
            return new Wish(min, "Current number of replicas below Spec.MinReplicas");
        }
        ReplicaProposal proposal = propose(key, autoscaler, target, draft, now);
        draft.say(proposal.condition());
        draft.current(current, proposal.statuses());
        String error = proposal.error();
        if (error != null) {
            events.warning(autoscaler, "FailedComputeMetricsReplicas", error);
            throw new MetricException(error);
        }
        ScalingDecision decision = ScalingDecision.of(
                current,
                proposal.replicas(),
                min,
                max,
                spec.getBehavior(),
                settings.downscaleStabilization(),
                history,
                now);
        draft.say(decision.ableToScale());
        draft.say(decision.scalingLimited());
        String reason = proposal.replicas() > current
                ? proposal.metric() + " above target"
                : proposal.replicas() < current ? "All metrics below target" : "";
        return new Wish(decision.replicas(), reason);
    }

    private ReplicaProposal propose(
            Key key, HorizontalPodAutoscaler autoscaler, ScaleTarget target, StatusDraft draft, Instant now)
            throws MetricException {
        HorizontalPodAutoscalerSpec spec = autoscaler.getSpec();
        List<Pod> selected = pods.of(key, autoscaler, target.selector(), draft);
        MetricEvaluation.Target evaluated = new MetricEvaluation.Target(
                key.namespace(),
                target.selector(),
                selected,
                target.replicas(),
                target.present(),
                Tolerance.of(spec.getBehavior(), settings.tolerance()),
                now);
        List<MetricEvaluation.Result> results = new ArrayList<>();
        for (MetricSpec metric : OrEmpty.of(spec.getMetrics())) {
            MetricEvaluation.Result result = evaluate(evaluated, metric);
            if (result instanceof MetricEvaluation.Failed failed) {
                events.warning(autoscaler, failed.reason(), failed.detail());
            }
            results.add(result);
        }
        return ReplicaProposal.of(results, target.replicas());
    }

    private MetricEvaluation.Result evaluate(MetricEvaluation.Target target, MetricSpec metric) {
        long begin = System.nanoTime();
        MetricEvaluation.Result result = evaluation.evaluate(target, metric);
        int wanted = result instanceof MetricEvaluation.Proposed proposed ? proposed.replicas() : target.wanted();
        Fault fault = !(result instanceof MetricEvaluation.Failed failed)
                ? Fault.NONE
                : failed.reason().equals("InvalidMetricSourceType") ? Fault.SPEC : Fault.INTERNAL;
        metrics.computed(
                OrEmpty.of(metric.getType()),
                target.wanted(),
                wanted,
                fault,
                Duration.ofNanos(System.nanoTime() - begin));
        return result;
    }

    /** Whether the API agreed. */
    private boolean rescale(
            HorizontalPodAutoscaler autoscaler,
            ScaleTarget target,
            Wish wish,
            ScalingHistory history,
            StatusDraft draft,
            Instant now) {
        String size = "New size: " + wish.replicas() + "; reason: " + wish.reason();
        try {
            scales.update(
                    target.kind(),
                    autoscaler.getMetadata().getNamespace(),
                    target.scale().getMetadata().getName(),
                    new ScaleBuilder(target.scale())
                            .editOrNewSpec()
                            .withReplicas(wish.replicas())
                            .endSpec()
                            .build());
        } catch (KubernetesClientException e) {
            events.warning(autoscaler, "FailedRescale", size + "; error: " + text(e));
            draft.say(new AutoscalerCondition(
                    AutoscalerCondition.ABLE_TO_SCALE,
                    false,
                    "FailedUpdateScale",
                    "the HPA controller was unable to update the target scale: " + text(e)));
            return false;
        }
        draft.say(new AutoscalerCondition(
                AutoscalerCondition.ABLE_TO_SCALE,
                true,
                "SucceededRescale",
                "the HPA controller was able to update the target scale to " + wish.replicas()));
        draft.desired(wish.replicas(), true);
        events.normal(autoscaler, "SuccessfulRescale", size);
        HorizontalPodAutoscalerBehavior behavior = autoscaler.getSpec().getBehavior();
        if (behavior != null) {
            Duration up = ScalingRules.up(behavior.getScaleUp()).longestPeriod();
            Duration down = ScalingRules.down(behavior.getScaleDown(), settings.downscaleStabilization())
                    .longestPeriod();
            history.scaled(target.replicas(), wish.replicas(), now, up.compareTo(down) > 0 ? up : down);
        }
        return true;
    }

    private void write(HorizontalPodAutoscaler autoscaler, StatusDraft draft) {
        HorizontalPodAutoscalerStatus status = draft.changed();
        if (status == null) {
            return;
        }
        try {
            context.client()
                    .resource(new HorizontalPodAutoscalerBuilder(autoscaler)
                            .withStatus(status)
                            .build())
                    .updateStatus();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return;
            }
            events.warning(autoscaler, "FailedUpdateStatus", text(e));
            throw e;
        }
    }

    private static String text(KubernetesClientException e) {
        String told = e.getStatus() == null ? null : e.getStatus().getMessage();
        return told == null ? String.valueOf(e.getMessage()) : told;
    }
}
