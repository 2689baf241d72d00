package io.keelson.controllers.podautoscaler;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.objects.PodSelection;
import io.keelson.controllers.objects.SelectorParser;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import java.util.List;

/** The pods of targets, each of which must be one autoscaler's only. */
final class TargetPods {
    private final PodSelection pods;
    private final Events events;
    private final TargetSelectors selectors = new TargetSelectors();

    TargetPods(Cache<Pod> pods, Events events) {
        this.pods = new PodSelection(pods);
        this.events = events;
    }

    /**
     * The pods of an autoscaler's target.
     *
     * @param text the selector of the target
     * @throws MetricException if there is no selector, it is none, or another autoscaler has some of the pods; the
     *     draft and an event say so
     */
    List<Pod> of(Key key, HasMetadata autoscaler, String text, StatusDraft draft) throws MetricException {
        if (text.isEmpty()) {
            events.warning(autoscaler, "SelectorRequired", "selector is required");
            throw inactive(draft, "InvalidSelector", "the HPA target's scale is missing a selector");
        }
        LabelSelector selector;
        try {
            selector = SelectorParser.parse(text);
        } catch (IllegalArgumentException e) {
            String message =
                    "couldn't convert selector into a corresponding internal selector object: " + e.getMessage();
            events.warning(autoscaler, "InvalidSelector", message);
            throw inactive(draft, "InvalidSelector", message);
        }
        List<Pod> selected = pods.of(key.namespace(), selector);
        List<String> sharing = selectors.sharing(key, selector, selected);
        if (sharing.size() > 1) {
            String message = "pods by selector " + text + " are controlled by multiple HPAs: "
                    + TargetSelectors.text(key.namespace(), sharing);
            events.warning(autoscaler, "AmbiguousSelector", message);
            throw inactive(draft, "AmbiguousSelector", message);
        }
        return selected;
    }

    private static MetricException inactive(StatusDraft draft, String reason, String message) {
        draft.say(new AutoscalerCondition(AutoscalerCondition.SCALING_ACTIVE, false, reason, message));
        return new MetricException(message);
    }

    /** Forgets an autoscaler that is gone. */
    void forget(Key autoscaler) {
        selectors.forget(autoscaler);
    }
}
