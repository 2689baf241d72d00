package io.keelson.apiserver.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Reservation;
import io.keelson.apiserver.resource.Resource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A write that is to be admitted. The object may be changed in place, and replaced, by plugins that mutate; the old object
 * is never changed. One thread.
 */
public final class AdmissionRequest {
    /** What is being done. */
    public enum Operation {
        CREATE,
        UPDATE,
        DELETE,
        CONNECT
    }

    private final Operation operation;
    private final Resource resource;
    private final String subresource;
    private final GroupVersionKind kind;
    private final String namespace;
    private final String name;
    private final @Nullable ObjectNode old;
    private final ObjectNode options;
    private final UserInfo user;
    private final boolean dryRun;
    private final List<String> warnings;
    private final Map<String, String> auditAnnotations;
    private final List<Reservation> held = new ArrayList<>();
    private final Map<Class<?>, Object> notes = new HashMap<>();
    private boolean secondRound;
    private boolean secondRoundWanted;
    private boolean replaced;
    private @Nullable ObjectNode object;

    /**
     * @param subresource empty for the object itself
     * @param kind of what is sent, in the version it was sent in
     * @param name empty if the server is to make one up
     * @param object as it is to become, in the storage version; null for a deletion
     * @param old as it was; null for a creation
     * @param options CreateOptions, UpdateOptions, PatchOptions or DeleteOptions as sent
     * @param warnings receives texts for the client's attention
     */
    public AdmissionRequest(
            Operation operation,
            Resource resource,
            String subresource,
            GroupVersionKind kind,
            String namespace,
            String name,
            @Nullable ObjectNode object,
            @Nullable ObjectNode old,
            ObjectNode options,
            UserInfo user,
            boolean dryRun,
            List<String> warnings) {
        this(
                operation,
                resource,
                subresource,
                kind,
                namespace,
                name,
                object,
                old,
                options,
                user,
                dryRun,
                warnings,
                new LinkedHashMap<>());
    }

    /**
     * As the other one, of a request that is written down.
     *
     * @param auditAnnotations receives notes for the audit log
     */
    public AdmissionRequest(
            Operation operation,
            Resource resource,
            String subresource,
            GroupVersionKind kind,
            String namespace,
            String name,
            @Nullable ObjectNode object,
            @Nullable ObjectNode old,
            ObjectNode options,
            UserInfo user,
            boolean dryRun,
            List<String> warnings,
            Map<String, String> auditAnnotations) {
        this.auditAnnotations = auditAnnotations;
        this.operation = operation;
        this.resource = resource;
        this.subresource = subresource;
        this.kind = kind;
        this.namespace = namespace;
        this.name = name;
        this.object = object;
        this.old = old;
        this.options = options;
        this.user = user;
        this.dryRun = dryRun;
        this.warnings = warnings;
    }

    public Operation operation() {
        return operation;
    }

    public Resource resource() {
        return resource;
    }

    /** Empty for the object itself. */
    public String subresource() {
        return subresource;
    }

    public GroupVersionKind kind() {
        return kind;
    }

    public String namespace() {
        return namespace;
    }

    public String name() {
        return name;
    }

    /** As it is to become; null for a deletion. */
    public @Nullable ObjectNode object() {
        return object;
    }

    /** Puts another object in the place of the one to be written. */
    public void replace(ObjectNode newObject) {
        object = newObject;
        replaced = true;
    }

    /** Whether the object is another one than at first, made by somebody who does not know what is the server's alone. */
    public boolean isReplaced() {
        return replaced;
    }

    /** As it was; null for a creation. */
    public @Nullable ObjectNode old() {
        return old;
    }

    public ObjectNode options() {
        return options;
    }

    public UserInfo user() {
        return user;
    }

    public boolean dryRun() {
        return dryRun;
    }

    public void warn(String text) {
        warnings.add(text);
    }

    /** Notes for the audit log, under keys as {@code plugin/what}. */
    public Map<String, String> auditAnnotations() {
        return auditAnnotations;
    }

    /** Whether all plugins see it again, because one that is no part of the server has changed it. */
    public boolean isSecondRound() {
        return secondRound;
    }

    /** Has all plugins see it again after this round; there is one such round. */
    public void wantSecondRound() {
        secondRoundWanted = true;
    }

    /** Begins the second round if one is wanted. */
    boolean beginSecondRound() {
        boolean begins = secondRoundWanted && !secondRound;
        secondRound |= begins;
        return begins;
    }

    /**
     * What a plugin notes for the second round.
     *
     * @param type of its own, no other plugin's
     * @param first makes the notes when there are none yet
     */
    public <T> T notes(Class<T> type, Supplier<T> first) {
        return type.cast(notes.computeIfAbsent(type, _ -> first.get()));
    }

    /** Whether it is a write of this resource itself, and not of a part of it. */
    public boolean concerns(String group, String resourceName) {
        return subresource.isEmpty()
                && resource.name().resource().equals(resourceName)
                && resource.name().group().equals(group);
    }

    /** Has what a plugin took for this write given back if the write comes to nothing. */
    public void hold(Reservation reservation) {
        held.add(reservation);
    }

    /** All that plugins took for this write, also what they take from now on. */
    public Reservation held() {
        return new Reservation() {
            @Override
            public void commit() {
                held.forEach(Reservation::commit);
            }

            @Override
            public void keep() {
                held.forEach(Reservation::keep);
            }

            @Override
            public void close() {
                held.forEach(Reservation::close);
            }
        };
    }

    /** {@code pods "web" is forbidden: …}: the refusal of this write. */
    public ApiException forbidden(String why) {
        String shown = name;
        ObjectNode meant = object;
        if (shown.isEmpty() && meant != null) {
            shown = ObjectMeta.name(meant).isEmpty() ? ObjectMeta.generateName(meant) : ObjectMeta.name(meant);
        }
        return ApiException.forbidden(resource.name(), shown.isEmpty() ? "Unknown" : shown, why);
    }
}
