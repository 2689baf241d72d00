package io.keelson.apiserver.protobuf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.schema.BuiltInSchemas;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.schema.WireForm;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What every object in protobuf is wrapped in: four bytes of magic and {@code runtime.Unknown}, which says of what kind
 * the object is.
 *
 * @param raw the object's own message; JSON if the content type says so
 */
record Envelope(String apiVersion, String kind, byte[] raw, String contentEncoding, String contentType) {
    private static final byte[] MAGIC = {'k', '8', 's', 0};

    private static final int TYPE = 1;
    private static final int RAW = 2;
    private static final int CONTENT_ENCODING = 3;
    private static final int CONTENT_TYPE = 4;

    /** What stands behind the message: {@code contentEncoding} and {@code contentType}, both empty. */
    private static final byte[] END = {0x1a, 0, 0x22, 0};

    /** How much an envelope adds to what it holds, roughly. */
    private static final int SIZE = 64;

    static boolean hasMagic(byte[] bytes) {
        return bytes.length >= MAGIC.length && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    /** @throws MalformedException if there is none */
    static Envelope read(byte[] bytes) {
        if (bytes.length == 0) {
            throw new MalformedException("empty data");
        }
        if (!hasMagic(bytes)) {
            throw new MalformedException(
                    "provided data does not appear to be a protobuf message, expected prefix " + "[107 56 115 0]");
        }
        if (bytes.length == MAGIC.length) {
            throw new MalformedException("empty body");
        }
        String[] type = {"", ""};
        byte[] raw = {};
        String contentEncoding = "";
        String contentType = "";
        WireReader in = new WireReader(bytes, MAGIC.length, bytes.length);
        while (in.next()) {
            switch (in.number()) {
                case TYPE -> {
                    in.require(WireReader.DELIMITED, "typeMeta");
                    readType(in.delimited(), type);
                }
                case RAW -> {
                    in.require(WireReader.DELIMITED, "raw");
                    raw = in.bytes();
                }
                case CONTENT_ENCODING -> {
                    in.require(WireReader.DELIMITED, "contentEncoding");
                    contentEncoding = in.text();
                }
                case CONTENT_TYPE -> {
                    in.require(WireReader.DELIMITED, "contentType");
                    contentType = in.text();
                }
                default -> in.skip();
            }
        }
        return new Envelope(type[0], type[1], raw, contentEncoding, contentType);
    }

    private static void readType(WireReader in, String[] type) {
        while (in.next()) {
            if (in.number() <= 2) {
                in.require(WireReader.DELIMITED, in.number() == 1 ? "apiVersion" : "kind");
                type[in.number() - 1] = in.text();
            } else {
                in.skip();
            }
        }
    }

    /** Wraps an object. */
    static byte[] write(GroupVersionKind kind, Message message, ObjectNode object) {
        WireWriter out = new WireWriter(SIZE + 1_024);
        out.raw(END);
        int before = out.size();
        MessageWriter.write(out, message, object);
        begin(out, type(kind), (long) out.size() - before);
        return out.toBytes();
    }

    /** What an envelope begins with, up to the message: the same for all objects of a kind. */
    static byte[] type(GroupVersionKind kind) {
        WireWriter out = new WireWriter(SIZE);
        out.text(2, kind.kind());
        out.text(1, kind.groupVersion().toString());
        out.delimit(TYPE, 0);
        out.raw(MAGIC);
        return out.toBytes();
    }

    /**
     * Writes what stands before a message; what stands behind it is {@link #end}.
     *
     * @param type of its kind
     * @param length of the message
     */
    static void begin(WireWriter out, byte[] type, long length) {
        out.varint(length);
        out.tag(RAW, WireReader.DELIMITED);
        out.raw(type);
    }

    /** What stands behind a message. Not to be changed. */
    static byte[] end() {
        return END;
    }

    /**
     * The object.
     *
     * @param otherwise what it is if it does not say so itself; null if that is not known
     * @param depth how deep it lies in the tree
     * @throws MalformedException if it is not what it says, or of a kind that is not known
     */
    ObjectNode object(@Nullable GroupVersionKind otherwise, int depth) {
        if (!contentEncoding.isEmpty()) {
            throw new MalformedException("content encoding " + GoText.quoted(contentEncoding) + " is not supported");
        }
        if (contentType.equals("application/json")) {
            return json();
        }
        if (!contentType.isEmpty() && !contentType.equals(KubernetesProtobuf.MEDIA_TYPE)) {
            throw new MalformedException("content type " + GoText.quoted(contentType) + " is not supported");
        }
        GroupVersionKind actual = actual(otherwise);
        Message message = MessageTable.find(actual);
        if (message == null) {
            throw new MalformedException("no kind " + GoText.quoted(actual.kind()) + " is registered for version "
                    + GoText.quoted(actual.groupVersion().toString())
                    + " in scheme \"pkg/api/legacyscheme/scheme.go:30\"");
        }
        ObjectNode object = Json.object().put("kind", actual.kind());
        object.put("apiVersion", actual.groupVersion().toString());
        MessageReader.read(new WireReader(raw), message, object, depth);
        Schema schema = BuiltInSchemas.find(actual.group(), actual.version(), actual.kind());
        if (schema != null) {
            WireForm.apply(object, schema);
        }
        return object;
    }

    private ObjectNode json() {
        ObjectNode object = Json.parseObject(raw);
        if (ObjectMeta.apiVersion(object).isEmpty() && !apiVersion.isEmpty()) {
            object.put("apiVersion", apiVersion);
        }
        if (ObjectMeta.kind(object).isEmpty() && !kind.isEmpty()) {
            object.put("kind", kind);
        }
        return object;
    }

    private GroupVersionKind actual(@Nullable GroupVersionKind otherwise) {
        int slash = apiVersion.indexOf('/');
        if (slash != apiVersion.lastIndexOf('/')) {
            throw new MalformedException("unexpected GroupVersion string: " + apiVersion);
        }
        String group = slash < 0 ? "" : apiVersion.substring(0, slash);
        String version = apiVersion.substring(slash + 1);
        String ownKind = kind;
        if (otherwise != null) {
            if (ownKind.isEmpty()) {
                ownKind = otherwise.kind();
            }
            if (version.isEmpty()) {
                group = otherwise.group();
                version = otherwise.version();
            }
        }
        if (ownKind.isEmpty() || version.isEmpty()) {
            throw new MalformedException("Object '" + (ownKind.isEmpty() ? "Kind" : "apiVersion")
                    + "' is missing in 'runtime.TypeMeta{APIVersion:" + GoText.quoted(apiVersion) + ", Kind:"
                    + GoText.quoted(kind) + "}'");
        }
        return new GroupVersionKind(group, version, ownKind);
    }
}
