package io.keelson.apiserver.kinds.storage;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.kinds.pod.PersistentVolumeRules;
import io.keelson.apiserver.kinds.pod.VolumeSourceRules;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;

/** Attachments of volumes to nodes. */
public final class VolumeAttachmentStrategy extends SpecAndStatus {
    private static final int METADATA_BYTES_MAX = 256 * 1024;

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
    public void validate(ObjectNode attachment, FieldErrors errors) {
        Place spec = Place.of(attachment, errors).at("spec");
        spec.at("attacher").mustBeFilled();
        if (spec.at("attacher").filled()) {
            VolumeSourceRules.driverName(spec.at("attacher").as(FieldPath.of("spec.attacher")));
        }
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
        } else {
            name.as(FieldPath.of("spec.source.persistentVolumeName")).check(Names::dnsSubdomain);
        }
        spec.at("nodeName").check(Names::dnsSubdomain);
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
            bytes += entry.key().length() + (long) entry.text().length();
        }
        if (bytes > METADATA_BYTES_MAX) {
            status.at("attachmentMetadata").tooLong(METADATA_BYTES_MAX);
        }
    }
}
