#include "shim.h"

#include <stdlib.h>
#include <string.h>

static uint32_t low_first(const uint8_t *at, size_t count) {
    uint32_t number = 0;
    for (size_t i = count; i > 0; i--) {
        number = number << 8 | at[i - 1];
    }
    return number;
}

static void put_low_first(uint8_t *at, uint64_t number, size_t count) {
    for (size_t i = 0; i < count; i++) {
        at[i] = (uint8_t) (number >> (8 * i));
    }
}

int field_next(struct fields *rest, struct field *field) {
    if (rest->left == 0) {
        return 0;
    }
    if (rest->left < FIELD_HEADER || rest->at[2] != 0 || rest->at[3] != 0) {
        return -1;
    }
    field->tag = (uint16_t) low_first(rest->at, 2);
    field->length = low_first(rest->at + 4, 4);
    if (field->length > rest->left - FIELD_HEADER) {
        return -1;
    }
    field->value = rest->at + FIELD_HEADER;
    rest->at += FIELD_HEADER + field->length;
    rest->left -= FIELD_HEADER + field->length;
    return 1;
}

const char *field_text(const struct field *field) {
    if (field->length == 0 || memchr(field->value, 0, field->length) != field->value + field->length - 1) {
        return NULL;
    }
    return (const char *) field->value;
}

bool field_number(const struct field *field, int64_t *number) {
    if (field->length != 8) {
        return false;
    }
    *number = (int64_t) ((uint64_t) low_first(field->value + 4, 4) << 32 | low_first(field->value, 4));
    return true;
}

bool bytes_add(struct bytes *bytes, const void *data, size_t length) {
    if (length > (size_t) REQUEST_MAX * 2 || bytes->length + length > (size_t) REQUEST_MAX * 2) {
        return false;
    }
    if (bytes->length + length > bytes->room) {
        size_t room = bytes->room == 0 ? 256 : bytes->room;
        while (room < bytes->length + length) {
            room *= 2;
        }
        uint8_t *grown = realloc(bytes->at, room);
        if (grown == NULL) {
            return false;
        }
        bytes->at = grown;
        bytes->room = room;
    }
    if (length > 0) {
        memcpy(bytes->at + bytes->length, data, length);
        bytes->length += length;
    }
    return true;
}

void bytes_field(struct bytes *bytes, enum tag tag, const void *value, size_t length) {
    uint8_t header[FIELD_HEADER] = {0};
    put_low_first(header, tag, 2);
    put_low_first(header + 4, length, 4);
    size_t before = bytes->length;
    if (!bytes_add(bytes, header, sizeof header) || !bytes_add(bytes, value, length)) {
        bytes->length = before;
    }
}

void bytes_text(struct bytes *bytes, enum tag tag, const char *text) {
    bytes_field(bytes, tag, text, strlen(text) + 1);
}

void bytes_number(struct bytes *bytes, enum tag tag, int64_t number) {
    uint8_t value[8];
    put_low_first(value, (uint64_t) number, 8);
    bytes_field(bytes, tag, value, sizeof value);
}

void frame_header(uint8_t header[FRAME_HEADER], enum message message, size_t length) {
    header[0] = 'K';
    header[1] = PROTOCOL_VERSION;
    header[2] = (uint8_t) message;
    header[3] = 0;
    put_low_first(header + 4, length, 4);
}

int64_t frame_length(const uint8_t header[FRAME_HEADER], const char **problem) {
    if (header[0] != 'K') {
        *problem = "this is not the shim's protocol";
        return -1;
    }
    if (header[1] != PROTOCOL_VERSION) {
        *problem = "this shim speaks version 1 of its protocol";
        return -1;
    }
    uint32_t length = low_first(header + 4, 4);
    bool data = header[2] == MESSAGE_INPUT;
    if (header[3] != 0 || length > (uint32_t) (data ? DATA_MAX : REQUEST_MAX)) {
        *problem = data ? "input comes in pieces of at most 32 KiB" : "a request has at most 4 MiB";
        return -1;
    }
    return length;
}
