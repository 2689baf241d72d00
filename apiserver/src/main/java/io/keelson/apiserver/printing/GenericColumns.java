package io.keelson.apiserver.printing;

import com.fasterxml.jackson.databind.node.TextNode;
import io.keelson.apiserver.resource.Column;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Columns of kinds that have none of their own, and of what is no object. */
public final class GenericColumns {
    /** Of custom kinds that state no columns. */
    public static final List<Column> NAME_AND_AGE = Columns.named()
            .add(
                    "Age",
                    "date",
                    "",
                    "How long ago the object was created.",
                    0,
                    (o, now) -> TextNode.valueOf(Ages.since(o.path("metadata").path("creationTimestamp"), now)))
            .list();

    /** Of built-in kinds that nobody thought about: the time as it is. */
    public static final List<Column> NAME_AND_CREATED_AT = Columns.named()
            .add("Created At", "date", "", "When the object was created.", 0, (o, now) -> {
                Instant created = Ages.instant(o.path("metadata").path("creationTimestamp"));
                return TextNode.valueOf(
                        created == null
                                ? "0001-01-01T00:00:00Z"
                                : created.truncatedTo(ChronoUnit.SECONDS).toString());
            })
            .list();

    /** Of a {@code Status}. */
    public static final List<Column> STATUS = Columns.begin()
            .text("Status", "Success or Failure.", o -> o.path("status").asText(""))
            .text("Reason", "Why, for programs.", o -> o.path("reason").asText(""))
            .text("Message", "Why, for people.", o -> o.path("message").asText(""))
            .list();

    /** Of a {@code Scale}. */
    public static final List<Column> SCALE = Columns.named()
            .number(
                    "Desired",
                    "How many there should be.",
                    o -> o.path("spec").path("replicas").asLong())
            .number(
                    "Available",
                    "How many there are.",
                    o -> o.path("status").path("replicas").asLong())
            .age()
            .list();

    private GenericColumns() {}
}
