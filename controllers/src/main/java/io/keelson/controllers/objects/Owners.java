package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import org.jspecify.annotations.Nullable;

/** Whose an object is: the rules of owner references. */
public final class Owners {
    private Owners() {}

    /** The one owner that controls an object; null if nobody does. */
    public static @Nullable OwnerReference controllerOf(HasMetadata object) {
        for (OwnerReference owner : OrEmpty.of(object.getMetadata().getOwnerReferences())) {
            if (OrEmpty.of(owner.getController())) {
                return owner;
            }
        }
        return null;
    }

    /** Whether this very owner, by its uid, controls an object. */
    public static boolean isControlledBy(HasMetadata object, HasMetadata owner) {
        OwnerReference controller = controllerOf(object);
        return controller != null
                && controller.getUid().equals(owner.getMetadata().getUid());
    }

    /** A reference that makes an owner the controller of what it stands in, deleted after it in the foreground. */
    public static OwnerReference controllerReference(HasMetadata owner) {
        return new OwnerReferenceBuilder()
                .withApiVersion(owner.getApiVersion())
                .withKind(owner.getKind())
                .withName(owner.getMetadata().getName())
                .withUid(owner.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .build();
    }
}
