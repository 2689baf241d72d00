/**
 * Reads the files that people write: YAML, checked field by field, so that each complaint names the file,
 * the line and what would be right.
 */
@NullMarked
package io.keelson.controllers.config;

import org.jspecify.annotations.NullMarked;
