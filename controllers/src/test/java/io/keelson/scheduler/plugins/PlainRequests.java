package io.keelson.scheduler.plugins;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a pod takes of one resource, by playing its life: what runs together adds up, the highest moment counts. */
final class PlainRequests {
    private PlainRequests() {}

    static long whole(String resource, @Nullable Quantity quantity) {
        if (quantity == null) {
            return 0;
        }
        BigDecimal amount = quantity.getNumericalAmount();
        return (resource.equals("cpu") ? amount.movePointRight(3) : amount)
                .setScale(0, RoundingMode.UP)
                .longValueExact();
    }

    static long of(Pod pod, String resource, boolean usual) {
        long stays = 0;
        long highest = 0;
        for (Container container : pod.getSpec().getInitContainers()) {
            long own = of(container, resource, usual);
            highest = Math.max(highest, stays + own);
            if ("Always".equals(container.getRestartPolicy())) {
                stays += own;
            }
        }
        for (Container container : pod.getSpec().getContainers()) {
            stays += of(container, resource, usual);
        }
        Map<String, Quantity> overhead = pod.getSpec().getOverhead();
        return Math.max(highest, stays) + whole(resource, overhead == null ? null : overhead.get(resource));
    }

    private static long of(Container container, String resource, boolean usual) {
        Quantity request = container.getResources().getRequests().get(resource);
        if (request == null && usual) {
            return switch (resource) {
                case "cpu" -> 100;
                case "memory" -> 209_715_200;
                default -> 0;
            };
        }
        return whole(resource, request);
    }
}
