#ifndef VITALS_CCURL_SHIM_H
#define VITALS_CCURL_SHIM_H

#include <curl/curl.h>

/* Swift cannot call variadic functions: one wrapper for each type of argument. */

static inline CURLcode vl_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode vl_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode vl_curl_set_string(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode vl_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode vl_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(handle, option, value);
}

typedef size_t (*vl_curl_data_function)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode vl_curl_set_data_function(CURL *handle, CURLoption option, vl_curl_data_function value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode vl_curl_get_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode vl_curl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value) {
  return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode vl_curl_get_pointer(CURL *handle, CURLINFO info, void **value) {
  return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode vl_curl_message_result(const CURLMsg *message) { return message->data.result; }

static inline CURLMcode vl_curl_multi_set_long(CURLM *handle, CURLMoption option, long value) {
  return curl_multi_setopt(handle, option, value);
}

/* Macros with casts that Swift does not import. */
static const long vl_curl_global_all = CURL_GLOBAL_ALL;
static const long vl_curl_auth_negotiate = CURLAUTH_NEGOTIATE;

#endif
