package io.keelson.apiserver.kinds.storage;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.kinds.pod.PersistentVolumeRules;
import io.keelson.apiserver.kinds.pod.VolumeSourceRules;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Attachments of volumes to nodes. */
public final class VolumeAttachmentStrategy extends SpecAndStatus {
    private static final int METADATA_BYTES_MAX = 256 * 1024;
    private static final int MESSAGE_BYTES_MAX = 1024;

    @Override
    public boolean returnsDeleted() {
        return true;
    }

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public boolean updatesUnconditionally() {
        return false;
    }

    @Override
    protected void firstStatus(ObjectNode status) {
        status.put("attached", false);
    }

    @Override
    public void prepareForStatusUpdate(WriteContext context, ObjectNode attachment, ObjectNode old) {
        super.prepareForStatusUpdate(context, attachment, old);
        keepMetadata(attachment, old);
    }

    @Override
    public void validate(ObjectNode attachment, FieldErrors errors) {
        Place spec = Place.of(attachment, errors).at("spec");
        specification(spec);
        VolumeSourceRules.driverName(spec.at("attacher"));
        Place name = spec.at("source", "persistentVolumeName");
        if (name.present()) {
            name.check(Names::dnsSubdomain);
        }
    }

    private static void specification(Place spec) {
        spec.at("attacher").mustBeFilled();
        Place source = spec.at("source");
        Place name = source.at("persistentVolumeName");
        Place inline = source.at("inlineVolumeSpec");
        String one = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
        if (name.absent() && inline.absent()) {
            source.required(one);
        } else if (name.present() && inline.present()) {
            source.forbidden(one);
        } else if (inline.present()) {
            PersistentVolumeRules.inlineSpec(inline);
        } else if (name.empty()) {
            name.required("must specify non empty persistentVolumeName");
        }
        spec.at("nodeName").check(Names::dnsSubdomain);
    }

    /** Names that are there, and cannot change, need not be as those of new attachments have to be. */
    @Override
    public void validateChanged(ObjectNode attachment, ObjectNode old, FieldErrors errors) {
        specification(Place.of(attachment, errors).at("spec"));
        validateUpdate(attachment, old, errors);
    }

    @Override
    public void validateUpdate(ObjectNode attachment, ObjectNode old, FieldErrors errors) {
        Place.of(attachment, errors).at("spec").mustEqual(old.path("spec"));
    }

    @Override
    public void validateStatusUpdate(ObjectNode attachment, ObjectNode old, FieldErrors errors) {
        Place status = Place.of(attachment, errors).at("status");
        long bytes = 0;
        for (Place entry : status.at("attachmentMetadata").entries()) {
            bytes += utf8Bytes(entry.key()) + (long) utf8Bytes(entry.text());
        }
        if (bytes > METADATA_BYTES_MAX) {
            status.at("attachmentMetadata").tooLong(METADATA_BYTES_MAX);
        }
        for (String error : List.of("attachError", "detachError")) {
            Place message = status.at(error, "message");
            if (utf8Bytes(message.text()) > MESSAGE_BYTES_MAX) {
                message.tooLong(MESSAGE_BYTES_MAX);
            }
        }
    }

    private static int utf8Bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
