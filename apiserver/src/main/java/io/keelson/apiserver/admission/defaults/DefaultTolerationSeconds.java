package io.keelson.apiserver.admission.defaults;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;

/** Lets pods that say nothing about it stay for a while on nodes that are not ready or cannot be reached. */
public final class DefaultTolerationSeconds implements AdmissionPlugin {
    private static final String NOT_READY = "node.kubernetes.io/not-ready";
    private static final String UNREACHABLE = "node.kubernetes.io/unreachable";

    private final long notReadySeconds;
    private final long unreachableSeconds;

    public DefaultTolerationSeconds(long notReadySeconds, long unreachableSeconds) {
        this.notReadySeconds = notReadySeconds;
        this.unreachableSeconds = unreachableSeconds;
    }

    @Override
    public String name() {
        return "DefaultTolerationSeconds";
    }

    @Override
    public void mutate(AdmissionRequest request) {
        ObjectNode pod = PodWrites.written(request);
        if (pod != null) {
            ObjectNode spec = PodWrites.spec(pod);
            boolean ready = isTolerated(spec, NOT_READY);
            boolean reached = isTolerated(spec, UNREACHABLE);
            if (!ready) {
                add(spec, NOT_READY, notReadySeconds);
            }
            if (!reached) {
                add(spec, UNREACHABLE, unreachableSeconds);
            }
        }
    }

    private static void add(ObjectNode spec, String taint, long seconds) {
        Tolerations.put(spec, Tolerations.exists(taint, "NoExecute").put("tolerationSeconds", seconds));
    }

    private static boolean isTolerated(ObjectNode spec, String taint) {
        return Tolerations.of(spec).stream().anyMatch(toleration -> {
            String key = Tolerations.text(toleration, "key");
            String effect = Tolerations.text(toleration, "effect");
            return (key.isEmpty() || key.equals(taint)) && (effect.isEmpty() || effect.equals("NoExecute"));
        });
    }
}
