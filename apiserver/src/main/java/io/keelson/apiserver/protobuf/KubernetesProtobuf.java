package io.keelson.apiserver.protobuf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.GroupVersionKind;
import org.jspecify.annotations.Nullable;

/**
 * Objects of built-in kinds to {@code application/vnd.kubernetes.protobuf} and back. An object is
 *
 * <pre>
 * 6b 38 73 00                      "k8s" and zero
 * runtime.Unknown {
 *   typeMeta = 1 { apiVersion = 1, kind = 2 }
 *   raw = 2                        the message of the kind, v1.Pod for example; it does not repeat version and kind
 *   contentEncoding = 3            empty
 *   contentType = 4                empty
 * }
 * </pre>
 *
 * <p>The bytes are those of the original, not only an equal message: fields in the order of their numbers, entries of
 * maps in the order of their keys, and everything that is no pointer, list or map in Go is written even if it is empty.
 * The same format stands in requests, in answers and in the store. Streams of events look different: {@link
 * WatchFrames}.
 *
 * <p>All built-in kinds have this format, with their lists, and so have Status, DeleteOptions and the other options,
 * PartialObjectMetadata and its list, and discovery documents. Tables and custom kinds do not.
 */
public final class KubernetesProtobuf {
    public static final String MEDIA_TYPE = "application/vnd.kubernetes.protobuf";

    private KubernetesProtobuf() {}

    /** Whether these bytes say that they are an object in protobuf. */
    public static boolean isProtobuf(byte[] bytes) {
        return Envelope.hasMagic(bytes);
    }

    /** Whether objects of a kind can be written so. */
    public static boolean knows(GroupVersionKind kind) {
        return MessageTable.knows(kind);
    }

    /**
     * Writes an object, of the kind that it says it is. Fields that the kind does not have are left out. Documents of
     * discovery that say no version, as those of the core group, say none here either.
     *
     * @throws IllegalArgumentException if the kind is none that {@link #knows}
     * @throws MalformedException if a value is not of the type that the kind demands
     */
    public static byte[] encode(ObjectNode object) {
        GroupVersionKind kind =
                GroupVersion.parse(ObjectMeta.apiVersion(object)).kind(ObjectMeta.kind(object));
        Message message = MessageTable.find(kind);
        if (message == null) {
            throw new IllegalArgumentException(kind + " has no protobuf");
        }
        return Envelope.write(kind, message, object);
    }

    /**
     * Reads an object, in the form in which the API writes it as JSON.
     *
     * @throws MalformedException if it is none; the message is fit to be sent to the client
     */
    public static ObjectNode decode(byte[] bytes) {
        return decode(bytes, null);
    }

    /**
     * Reads an object that need not say of what kind it is.
     *
     * @param otherwise the kind of an object that does not say it
     * @throws MalformedException if it is none; the message is fit to be sent to the client
     */
    public static ObjectNode decode(byte[] bytes, @Nullable GroupVersionKind otherwise) {
        return Envelope.read(bytes).object(otherwise, 1);
    }
}
