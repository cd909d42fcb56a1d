#!/usr/bin/env bash
# purity.sh NM ARCHIVE...: the objects of the core need no clock, no random device, no socket, no file, no thread.
# Every way to the outside ends in a C function or in one of a few classes of std. So of the C functions only those listed
# here may be needed, and of C++ names all but those listed here.
set -euo pipefail
nm=$1
shift

# Memory, text and numbers; exceptions and stack guards of the compiler; the libraries under src/base that only calculate.
pure_c='^(mem(cpy|move|set|cmp|chr)|str(len|cmp|ncmp|chr|to(u?ll?|d))|malloc|calloc|realloc|free|'
pure_c+='v?snprintf|ceil|floor|log2?|exp2?|pow|sqrt|l?lround|'
pure_c+='__(memcpy|memmove|memset)_chk|__stack_chk_fail|__errno_location|__libc_single_threaded|__dso_handle|__tls_get_addr|'
pure_c+='__cxa_[a-z0-9_]+|__gxx_personality_v0|_Unwind_Resume|_GLOBAL_OFFSET_TABLE_|__(asan|ubsan|tsan|gcov|llvm)_.*|'
pure_c+='crc32_iscsi|SHA256|EVP_[A-Za-z0-9_]+|XXH[A-Za-z0-9_]+)$'

impure_cpp='std::(chrono::.*::now|random_device|(jthread|thread|this_thread|mutex|timed_mutex|shared_mutex|recursive_mutex)::|'
impure_cpp+='condition_variable|__?future|async|promise|__atomic|counting_semaphore|ios_base::Init|c(out|err|in|log)$|'
impure_cpp+='basic_[io]?f(ile|stream)|basic_filebuf|__basic_file|filesystem::|__once|call_once|stop_|locale::global)'

found=0
for archive; do
  # A name that another object of the core defines is judged where it is needed in turn.
  impure=$("$nm" --undefined-only --demangle --format=just-symbols "$archive" | sed '/^$/d; /:$/d' | sort -u |
    awk -v pure_c="$pure_c" -v impure_cpp="$impure_cpp" '
      /^[A-Za-z_0-9]+$/ { if ($0 !~ pure_c) print; next }
      $0 ~ impure_cpp { print }')
  [[ -z $impure ]] && continue
  found=1
  while read -r symbol; do echo "$(basename "$archive") needs $symbol"; done <<<"$impure"
done
exit "$found"
