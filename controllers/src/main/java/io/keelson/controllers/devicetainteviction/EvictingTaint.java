package io.keelson.controllers.devicetainteviction;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceTaint;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceToleration;
import io.keelson.controllers.objects.DeviceTaintRule;
import io.keelson.controllers.objects.OrEmpty;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A taint with {@code NoExecute} that an allocated device has.
 *
 * @param since when it was set
 * @param rule the uid of the rule that it is of; empty if it is of the device's driver
 */
record EvictingTaint(String key, String value, Instant since, String rule) {
    static final String NO_EXECUTE = "NoExecute";

    /** The taint of a driver, in a slice of it. */
    static EvictingTaint of(DeviceTaint taint, HasMetadata slice) {
        return new EvictingTaint(
                OrEmpty.of(taint.getKey()), OrEmpty.of(taint.getValue()), since(taint.getTimeAdded(), slice), "");
    }

    /** The taint of a rule, whatever its effect is. */
    static EvictingTaint of(DeviceTaintRule rule) {
        var taint = rule.getSpec().getTaint();
        return new EvictingTaint(
                OrEmpty.of(taint.getKey()),
                OrEmpty.of(taint.getValue()),
                since(taint.getTimeAdded(), rule),
                rule.getMetadata().getUid());
    }

    /** The API always says when; a taint of which it does not is as old as what it stands in. */
    private static Instant since(@Nullable String timeAdded, HasMetadata origin) {
        Instant added = time(timeAdded);
        Instant created = time(origin.getMetadata().getCreationTimestamp());
        return added != null ? added : created != null ? created : Instant.EPOCH;
    }

    private static @Nullable Instant time(@Nullable String text) {
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Whether somebody who has this toleration bears the taint, for a while at least. */
    boolean isToleratedBy(DeviceToleration toleration) {
        String effect = OrEmpty.of(toleration.getEffect());
        String wanted = OrEmpty.of(toleration.getKey());
        if (!(effect.isEmpty() || effect.equals(NO_EXECUTE)) || !(wanted.isEmpty() || wanted.equals(key))) {
            return false;
        }
        return switch (OrEmpty.of(toleration.getOperator())) {
            case "", "Equal" -> OrEmpty.of(toleration.getValue()).equals(value);
            case "Exists" -> true;
            default -> false;
        };
    }
}
