#include "shim.h"

#include <stdlib.h>
#include <string.h>

bool texts_add(struct texts *texts, const char *text) {
    if (texts->count + 2 > texts->room) {
        size_t room = texts->room == 0 ? 16 : texts->room * 2;
        const char **grown = realloc(texts->at, room * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        texts->at = grown;
        texts->room = room;
    }
    texts->at[texts->count++] = text;
    texts->at[texts->count] = NULL;
    return true;
}

/* One more element of a row, zeroed; NULL without memory. */
static void *one_more(void *rows, size_t *count, size_t size) {
    void **row = rows;
    if ((*count & (*count - 1)) == 0) {
        void *grown = realloc(*row, (*count == 0 ? 1 : *count * 2) * size);
        if (grown == NULL) {
            return NULL;
        }
        *row = grown;
    }
    void *element = (char *) *row + *count * size;
    memset(element, 0, size);
    (*count)++;
    return element;
}

bool is_id(const char *text) {
    size_t length = strlen(text);
    if (length == 0 || length > ID_MAX) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_')) {
            return false;
        }
    }
    return true;
}

static const char *read_mount(struct spec *spec, const struct field *field) {
    struct mount_spec *mount = one_more(&spec->mounts, &spec->mount_count, sizeof *mount);
    if (mount == NULL) {
        return "out of memory";
    }
    struct fields rest = {field->value, field->length};
    struct field part;
    int more;
    while ((more = field_next(&rest, &part)) > 0) {
        bool right = true;
        switch (part.tag) {
            case TAG_PATH: right = (mount->path = field_text(&part)) != NULL; break;
            case TAG_SOURCE: right = (mount->source = field_text(&part)) != NULL; break;
            case TAG_TYPE: right = (mount->type = field_text(&part)) != NULL; break;
            case TAG_OPTIONS: right = (mount->options = field_text(&part)) != NULL; break;
            case TAG_FLAGS: right = field_number(&part, &mount->flags); break;
            default: break;
        }
        if (!right) {
            return "a part of a mount is malformed";
        }
    }
    if (more < 0) {
        return "a mount is malformed";
    }
    if (mount->path == NULL || mount->path[0] != '/' || mount->source == NULL) {
        return "a mount has no source, or no absolute path";
    }
    return (mount->flags & MOUNT_BIND) == 0 && mount->type == NULL ? "a mount has no type" : NULL;
}

static const char *read_device(struct spec *spec, const struct field *field) {
    struct device_spec *device = one_more(&spec->devices, &spec->device_count, sizeof *device);
    if (device == NULL) {
        return "out of memory";
    }
    struct fields rest = {field->value, field->length};
    struct field part;
    int more;
    while ((more = field_next(&rest, &part)) > 0) {
        bool right = true;
        switch (part.tag) {
            case TAG_PATH: right = (device->path = field_text(&part)) != NULL; break;
            case TAG_DEVICE_NUMBER: right = field_number(&part, &device->number); break;
            case TAG_MODE: right = field_number(&part, &device->mode); break;
            case TAG_USER: right = field_number(&part, &device->user); break;
            case TAG_GROUP: right = field_number(&part, &device->group); break;
            default: break;
        }
        if (!right) {
            return "a part of a device is malformed";
        }
    }
    if (more < 0) {
        return "a device is malformed";
    }
    return device->path == NULL || device->path[0] != '/' ? "a device has no absolute path" : NULL;
}

static const char *read_group(struct spec *spec, const struct field *field) {
    int64_t number;
    if (!field_number(field, &number) || number < 0 || number >= UINT32_MAX) {
        return "a group is no number";
    }
    gid_t *group = one_more(&spec->groups, &spec->group_count, sizeof *group);
    if (group == NULL || spec->group_count > 65536) {
        return "too many groups";
    }
    *group = (gid_t) number;
    return NULL;
}

static bool read_texts(struct texts *texts, const struct field *field) {
    const char *text = field_text(field);
    return text != NULL && texts_add(texts, text);
}

static bool read_capabilities(struct spec *spec, const struct field *field) {
    if (field->length != sizeof spec->capabilities) {
        return false;
    }
    for (size_t i = 0; i < 5; i++) {
        struct field one = {field->tag, 8, field->value + 8 * i};
        int64_t set = 0;
        field_number(&one, &set);
        spec->capabilities[i] = (uint64_t) set;
    }
    return spec->has_capabilities = true;
}

const char *spec_read(struct spec *spec, const uint8_t *payload, size_t length) {
    memset(spec, 0, sizeof *spec);
    struct fields rest = {payload, length};
    struct field field;
    int more;
    while ((more = field_next(&rest, &field)) > 0) {
        bool right = true;
        const char *problem = NULL;
        switch (field.tag) {
            case TAG_ID: right = (spec->id = field_text(&field)) != NULL; break;
            case TAG_TARGET: right = (spec->target = field_text(&field)) != NULL; break;
            case TAG_ROOT: right = (spec->root = field_text(&field)) != NULL; break;
            case TAG_DIRECTORY: right = (spec->directory = field_text(&field)) != NULL; break;
            case TAG_LOG: right = (spec->log = field_text(&field)) != NULL; break;
            case TAG_MEMORY_EVENTS: right = (spec->memory_events = field_text(&field)) != NULL; break;
            case TAG_APPARMOR: right = (spec->apparmor = field_text(&field)) != NULL; break;
            case TAG_ARGUMENT: right = read_texts(&spec->arguments, &field); break;
            case TAG_ENVIRONMENT: right = read_texts(&spec->environment, &field); break;
            case TAG_MASKED: right = read_texts(&spec->masked, &field); break;
            case TAG_READONLY: right = read_texts(&spec->readonly, &field); break;
            case TAG_PROGRAM: right = read_texts(&spec->program, &field); break;
            case TAG_PID_FILE: right = (spec->pid_file = field_text(&field)) != NULL; break;
            case TAG_CONSOLE: right = (spec->console = field_text(&field)) != NULL; break;
            case TAG_PROGRAM_LOG: right = (spec->program_log = field_text(&field)) != NULL; break;
            case TAG_CGROUP: right = read_texts(&spec->cgroups, &field); break;
            case TAG_USER: right = field_number(&field, &spec->user); break;
            case TAG_GROUP: right = field_number(&field, &spec->group); break;
            case TAG_OWNER: right = spec->has_owner = field_number(&field, &spec->owner); break;
            case TAG_FLAGS: right = field_number(&field, &spec->flags); break;
            case TAG_PROCESSES: right = field_number(&field, &spec->processes); break;
            case TAG_OOM_SCORE: right = spec->has_oom_score = field_number(&field, &spec->oom_score); break;
            case TAG_CAPABILITIES: right = read_capabilities(spec, &field); break;
            case TAG_SECCOMP:
                spec->seccomp = field.value;
                spec->seccomp_length = field.length;
                right = field.length % 8 == 0 && field.length > 0 && field.length / 8 <= 4096;
                break;
            case TAG_UNIFIED_CGROUP: right = (spec->unified_cgroup = field_text(&field)) != NULL; break;
            case TAG_DEVICE_FILTER:
                spec->device_filter = field.value;
                spec->device_filter_length = field.length;
                right = field.length % 8 == 0 && field.length > 0 && field.length / 8 <= 65536;
                break;
            case TAG_OTHER_GROUP: problem = read_group(spec, &field); break;
            case TAG_MOUNT: problem = read_mount(spec, &field); break;
            case TAG_DEVICE: problem = read_device(spec, &field); break;
            default: break; /* of a newer agent */
        }
        if (problem != NULL) {
            return problem;
        }
        if (!right) {
            return "a field of the request is malformed";
        }
    }
    if (more < 0) {
        return "the request is malformed";
    }
    if (spec->id == NULL || !is_id(spec->id) || (spec->target != NULL && !is_id(spec->target))) {
        return "the request has no right id";
    }
    if (spec->arguments.count == 0 && spec->program.count == 0) {
        return "there is no command to run";
    }
    if (spec->program.count > 0
            && (spec->pid_file == NULL || spec->program_log == NULL || spec->program.at[0][0] != '/')) {
        return "the OCI runtime has no absolute path, or nowhere to say what it did";
    }
    if (!spec->has_owner) {
        spec->owner = spec->user;
    }
    if (spec->user < 0 || spec->user >= UINT32_MAX || spec->group < 0 || spec->group >= UINT32_MAX || spec->owner < 0
            || spec->owner >= UINT32_MAX) {
        return "the user or the group is out of range";
    }
    if (spec->processes < PROCESSES_OWN || spec->processes > PROCESSES_TARGET) {
        return "the process namespace is none of own, pod, node, target";
    }
    return spec->environment.at == NULL && !texts_add(&spec->environment, "PATH=/usr/sbin:/usr/bin:/sbin:/bin")
            ? "out of memory"
            : NULL;
}

void spec_release(struct spec *spec) {
    free(spec->arguments.at);
    free(spec->environment.at);
    free(spec->masked.at);
    free(spec->readonly.at);
    free(spec->cgroups.at);
    free(spec->program.at);
    free(spec->mounts);
    free(spec->devices);
    free(spec->groups);
    memset(spec, 0, sizeof *spec);
}
