/**
 * What is wrong with an object, field by field: paths as the API writes them, errors with its texts, and the rules for
 * names, labels and quantities that all kinds share.
 */
@NullMarked
package io.keelson.apiserver.validation;

import org.jspecify.annotations.NullMarked;
