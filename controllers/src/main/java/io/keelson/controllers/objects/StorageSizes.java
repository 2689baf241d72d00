package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** How large volumes are, and how large claims want them; all in bytes. */
public final class StorageSizes {
    /** The name of the resource. */
    public static final String STORAGE = "storage";

    private StorageSizes() {}

    /** What a claim asks for. */
    public static BigDecimal requested(PersistentVolumeClaim claim) {
        return of(requestedQuantity(claim));
    }

    /** What a claim asks for, as it says it; 0 if it asks for nothing. */
    public static Quantity requestedQuantity(PersistentVolumeClaim claim) {
        Quantity wanted = claim.getSpec().getResources() == null
                ? null
                : OrEmpty.of(claim.getSpec().getResources().getRequests()).get(STORAGE);
        return wanted == null ? new Quantity("0") : wanted;
    }

    /** What a claim has, as its status says. */
    public static BigDecimal granted(PersistentVolumeClaim claim) {
        return claim.getStatus() == null
                ? BigDecimal.ZERO
                : of(OrEmpty.of(claim.getStatus().getCapacity()).get(STORAGE));
    }

    /** What a volume holds. */
    public static BigDecimal of(PersistentVolume volume) {
        return of(OrEmpty.of(volume.getSpec().getCapacity()).get(STORAGE));
    }

    /** A quantity; none, or one that is no number, is 0. */
    public static BigDecimal of(@Nullable Quantity quantity) {
        if (quantity == null) {
            return BigDecimal.ZERO;
        }
        try {
            return Quantity.getAmountInBytes(quantity);
        } catch (ArithmeticException | IllegalArgumentException e) {
            // No server stores such a quantity; one that does says nothing by it.
            return BigDecimal.ZERO;
        }
    }
}
