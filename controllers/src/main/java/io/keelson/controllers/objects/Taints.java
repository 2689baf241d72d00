package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Which taints of a node a pod tolerates. */
public final class Taints {
    /** Pods that do not tolerate it are not put there. */
    public static final String NO_SCHEDULE = "NoSchedule";

    /** Pods that do not tolerate it are put elsewhere if there is somewhere else. */
    public static final String PREFER_NO_SCHEDULE = "PreferNoSchedule";

    /** Pods that do not tolerate it are not put there, and those that are there have to go. */
    public static final String NO_EXECUTE = "NoExecute";

    private Taints() {}

    /** Whether one of the tolerations tolerates a taint. */
    public static boolean isTolerated(Taint taint, @Nullable Collection<Toleration> tolerations) {
        return tolerations != null && tolerations.stream().anyMatch(toleration -> tolerates(toleration, taint));
    }

    /**
     * Whether a toleration tolerates a taint: its effect is the taint's or none, its key is the taint's or none (which needs
     * {@code Exists}), and its operator holds. {@code Lt} and {@code Gt} compare whole numbers: the taint's value is less, or
     * greater, than the toleration's.
     */
    public static boolean tolerates(Toleration toleration, Taint taint) {
        String effect = OrEmpty.of(toleration.getEffect());
        String key = OrEmpty.of(toleration.getKey());
        if ((!effect.isEmpty() && !effect.equals(taint.getEffect()))
                || (!key.isEmpty() && !key.equals(taint.getKey()))) {
            return false;
        }
        String wanted = OrEmpty.of(toleration.getValue());
        String value = OrEmpty.of(taint.getValue());
        return switch (OrEmpty.of(toleration.getOperator())) {
            case "", "Equal" -> !key.isEmpty() && wanted.equals(value);
            case "Exists" -> true;
            case "Lt" -> compare(value, wanted) == Order.LESS;
            case "Gt" -> compare(value, wanted) == Order.GREATER;
            default -> false;
        };
    }

    private enum Order {
        LESS,
        GREATER,
        NEITHER
    }

    private static Order compare(String one, String other) {
        try {
            int order = Long.compare(Long.parseLong(one), Long.parseLong(other));
            return order < 0 ? Order.LESS : order > 0 ? Order.GREATER : Order.NEITHER;
        } catch (NumberFormatException e) {
            // What is no number is not compared.
            return Order.NEITHER;
        }
    }
}
