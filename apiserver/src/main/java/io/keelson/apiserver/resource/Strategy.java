package io.keelson.apiserver.resource;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.validation.FieldErrors;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is special about a kind. Everything here works on trees in the kind's storage version, may change only the tree it
 * is given to change, and is called by any thread.
 *
 * <p>The order for a create: {@link #applyDefaults}, admission, {@link #dropDisabled}, {@link #prepareForCreate}, {@link
 * #validate}, {@link #warn}. For an update: {@link #applyDefaults}, {@link #dropDisabled}, {@link #prepareForUpdate} (or {@link
 * #prepareForStatusUpdate}), admission, {@link #validate} and {@link #validateUpdate} (or {@link #validateStatusUpdate}), {@link
 * #warn}. Metadata that all kinds share (names, labels, annotations, owner references, finalizers, generation, times) is not
 * the strategy's business.
 */
public interface Strategy {
    /** A kind with nothing special about it. */
    Strategy PLAIN = new Strategy() {};

    /**
     * Fills in what was left out and is not stated in the schema. Repeating it changes nothing. Objects that are read from the
     * store go through it too: whatever it takes away is lost at their next write.
     */
    default void applyDefaults(ObjectNode object) {}

    /**
     * Takes away fields of features that are switched off. Those that the old object uses stay: somebody stored it where
     * they are on, and a change of something else must not lose them.
     *
     * @param object to be changed
     * @param old what is there; null for a new object
     */
    default void dropDisabled(ObjectNode object, @Nullable ObjectNode old) {}

    /** Brings a new object into its first state; what only others may set (the status, for example) goes. */
    default void prepareForCreate(WriteContext context, ObjectNode object) {}

    /** Brings a change of everything but the status into form; the status stays that of the old object. */
    default void prepareForUpdate(WriteContext context, ObjectNode object, ObjectNode old) {}

    /** Brings a change of the status into form; everything else stays that of the old object. */
    default void prepareForStatusUpdate(WriteContext context, ObjectNode object, ObjectNode old) {}

    /** Says what is wrong with an object by itself. */
    default void validate(ObjectNode object, FieldErrors errors) {}

    /** Says what is wrong with a change, beyond what is wrong with the new object by itself. */
    default void validateUpdate(ObjectNode object, ObjectNode old, FieldErrors errors) {}

    /** Says what is wrong with a changed object: by itself, and with the change. */
    default void validateChanged(ObjectNode object, ObjectNode old, FieldErrors errors) {
        validate(object, errors);
        validateUpdate(object, old, errors);
    }

    /** Says what is wrong with a change of the status. */
    default void validateStatusUpdate(ObjectNode object, ObjectNode old, FieldErrors errors) {}

    /**
     * Says what is allowed in an object and hardly meant. Asked once it was found valid, but not about changes of its status.
     *
     * @param old null if the object is new
     * @param warnings receives texts for the client's attention
     */
    default void warn(ObjectNode object, @Nullable ObjectNode old, List<String> warnings) {}

    /** Whether a name is fit for the kind; most are names as DNS has them. */
    default NameRule nameRule() {
        return NameRule.DNS_SUBDOMAIN;
    }

    /** What can be selected with {@code --field-selector} besides name and namespace: field → value in this object. */
    default Map<String, String> selectableFields(ObjectNode object) {
        return Map.of();
    }

    /** Whether a PUT of an object that does not exist creates it. */
    default boolean createsOnUpdate() {
        return false;
    }

    /** Whether an update without a resource version is taken as one of whatever is there. */
    default boolean updatesUnconditionally() {
        return true;
    }

    /** Whether a change of the specification counts up {@code metadata.generation}. */
    default boolean countsGenerations() {
        return true;
    }

    /** Whether a change of the status is a new generation, too: for kinds whose status has no path of its own. */
    default boolean countsStatus() {
        return false;
    }

    /**
     * Brings an object as it was once stored into the form that its schema gives it today.
     *
     * @param object to be changed
     * @param version in which it was stored
     */
    default void restore(ObjectNode object, String version) {}

    /** Whether a deletion is answered with the object as it was last, and not with a {@code Status}. */
    default boolean returnsDeleted() {
        return false;
    }

    /** What becomes of the objects that an object owns, if nobody says so. */
    default GarbageCollection garbageCollection() {
        return GarbageCollection.DELETE;
    }

    /** What a client is told that deletes without saying what is to become of owned objects; may be empty. */
    default String deletionWarning() {
        return "";
    }

    /**
     * Brings an object that is being deleted, and stays for a while, into form. It carries the time of its deletion, and
     * the finalizers that were asked for, already.
     *
     * @param object to be changed
     * @param old as it was
     */
    default void prepareForDeletion(ObjectNode object, ObjectNode old) {}

    /** Whether something in an object that is being deleted keeps it, besides the finalizers in its metadata. */
    default boolean holdsUpDeletion(ObjectNode object) {
        return false;
    }

    /**
     * How long an object that is deleted stays, for its node to end it.
     *
     * @param requestedSeconds what was asked for; negative if nothing was
     * @return seconds; 0 to remove it at once
     */
    default long gracePeriodSeconds(ObjectNode object, long requestedSeconds) {
        return 0;
    }
}
